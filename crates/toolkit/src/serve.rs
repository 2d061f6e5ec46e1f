//! One call from bytes to bytes in one go: what a tool worker does for a client that does not listen.

use crate::work::{Job, Service};

/// The answer to one call and the line it leaves behind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// Frames, one JSON object a line, the reply last.
    pub frames: String,
    /// The canonical log line.
    pub log_line: String,
}

/// Answers one [`CallRequest`](octavo_rpc::CallRequest), all steps at once.
///
/// `clock` gives milliseconds since the Unix epoch; `version` is the deployed version for the log.
pub fn serve(service: &dyn Service, body: &[u8], clock: &dyn Fn() -> u64, version: Option<&str>) -> Served {
    let mut job = Job::begin(service, body, clock(), version);
    while !job.is_done() {
        job.step();
    }
    finish(job, clock())
}

/// The answer to a call whose instance trapped.
pub fn trapped(service: &dyn Service, body: &[u8], now: u64, version: Option<&str>) -> Served {
    finish(Job::trapped(service, body, now, version), now)
}

fn finish(mut job: Job, now: u64) -> Served {
    let frames = job.take_frames();
    Served { frames, log_line: job.close(now) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Category, Ctx, Registry, Report, Rule, Tool, ToolError, declare_tool};
    use octavo_rpc::Frame;
    use octavo_telemetry::{LogLine, Status};
    use serde::Deserialize;

    declare_tool! {
        /// Counts characters.
        struct CountCharacters;
        name: "count_characters",
        title: "Count characters",
        summary: "Counts characters.",
        keywords: "",
        examples: ["one" => r#"{"source":"a"}"#],
        rules: &[] as &[Rule],
        not_checked: [],
    }

    #[derive(Deserialize)]
    #[cfg_attr(not(target_arch = "wasm32"), derive(schemars::JsonSchema))]
    #[serde(deny_unknown_fields)]
    struct Input {
        /// The text.
        source: String,
    }

    impl Tool for CountCharacters {
        type Input = Input;
        type Data = usize;
        fn run(&self, input: Input, ctx: &Ctx<'_>) -> Result<Report<usize>, ToolError> {
            ctx.progress(1, 2, "counting");
            Ok(Report::computed("counted", input.source.chars().count()))
        }
    }

    const REGISTRY: Registry = Registry { category: Category::Quality, tools: &[&CountCharacters] };

    fn call(tool: &str, arguments: &str, progress: bool) -> Served {
        let body = format!(
            r#"{{"v":2,"tool":"{tool}","arguments":{arguments},"trace":{{"traceId":"t","spanId":"s","parentId":"p"}},"progress":{progress}}}"#
        );
        serve(&REGISTRY, body.as_bytes(), &|| 5, None)
    }

    #[test]
    fn answers_with_one_reply_and_one_line() {
        let served = call("count_characters", r#"{"source":"abc"}"#, false);
        let mut lines = served.frames.lines();
        let Ok(Frame::Reply(reply)) = serde_json::from_str(lines.next().expect("a frame")) else { panic!("no reply") };
        assert_eq!(reply.text.map(serde_json::value::RawValue::get), Some(r#""info: counted\ndata: 3""#));
        assert!(reply.structured.expect("structured").get().contains(r#""data":3"#));
        assert_eq!(lines.next(), None);
        let line = LogLine::parse(&served.log_line).expect("canonical");
        assert_eq!(line.tool.as_deref(), Some("quality_count_characters"));
        assert_eq!((line.trace_id.as_ref(), line.span_id.as_ref(), line.parent_id.as_deref()), ("t", "s", Some("p")));
    }

    #[test]
    fn progress_comes_before_the_reply_when_asked_for() {
        let served = call("count_characters", r#"{"source":"abc"}"#, true);
        assert_eq!(served.frames.lines().count(), 2);
        assert!(served.frames.starts_with(r#"{"progress":{"progress":1.0,"total":2.0,"message":"counting"}}"#));
    }

    #[test]
    fn bad_arguments_name_the_field() {
        let served = call("count_characters", r#"{"sorce":"x"}"#, false);
        assert!(served.frames.contains("did you mean \\\"source\\\"?"), "{}", served.frames);
        assert!(served.frames.contains(r#""reason":"invalid_argument""#));
        assert_eq!(LogLine::parse(&served.log_line).expect("canonical").status, Status::ToolError);
    }

    #[test]
    fn garbage_is_answered_not_dropped() {
        for body in [&b""[..], b"{", b"\xff\xfe", br#"{"v":9}"#] {
            let served = serve(&REGISTRY, body, &|| 5, None);
            assert!(served.frames.contains("tool_failed"));
            assert!(LogLine::parse(&served.log_line).is_some());
            assert!(trapped(&REGISTRY, body, 5, None).frames.contains("tool_failed"));
        }
        assert!(call("count_character", "{}", false).frames.contains("did you mean count_characters"));
    }
}
