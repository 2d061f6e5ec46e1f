//! What the schemas do not say of values: the words of a field, its bounds, and names.

/// Fields with a fixed list of words: definition, field, words. An empty text is an omitted field and taken.
const WORDS: &[(&str, &str, &[&str])] = &[
    ("api.core.v1.Container", "imagePullPolicy", &["Always", "IfNotPresent", "Never"]),
    ("api.core.v1.Container", "terminationMessagePolicy", &["File", "FallbackToLogsOnError"]),
    ("api.core.v1.PodSpec", "restartPolicy", &["Always", "OnFailure", "Never"]),
    ("api.core.v1.PodSpec", "dnsPolicy", &["ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"]),
    ("api.core.v1.PodSpec", "preemptionPolicy", &["Never", "PreemptLowerPriority"]),
    ("api.core.v1.ContainerPort", "protocol", &["TCP", "UDP", "SCTP"]),
    ("api.core.v1.ServicePort", "protocol", &["TCP", "UDP", "SCTP"]),
    ("api.networking.v1.NetworkPolicyPort", "protocol", &["TCP", "UDP", "SCTP"]),
    ("api.core.v1.ServiceSpec", "type", &["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"]),
    ("api.core.v1.ServiceSpec", "externalTrafficPolicy", &["Cluster", "Local"]),
    ("api.core.v1.ServiceSpec", "internalTrafficPolicy", &["Cluster", "Local"]),
    ("api.core.v1.ServiceSpec", "sessionAffinity", &["ClientIP", "None"]),
    ("api.core.v1.ServiceSpec", "ipFamilyPolicy", &["SingleStack", "PreferDualStack", "RequireDualStack"]),
    ("api.core.v1.HTTPGetAction", "scheme", &["HTTP", "HTTPS"]),
    ("api.core.v1.Toleration", "operator", &["Exists", "Equal", "Lt", "Gt"]),
    ("api.core.v1.Toleration", "effect", &["NoSchedule", "PreferNoSchedule", "NoExecute"]),
    ("api.core.v1.Taint", "effect", &["NoSchedule", "PreferNoSchedule", "NoExecute"]),
    ("api.core.v1.NodeSelectorRequirement", "operator", &["In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"]),
    ("api.core.v1.TopologySpreadConstraint", "whenUnsatisfiable", &["DoNotSchedule", "ScheduleAnyway"]),
    ("api.core.v1.PersistentVolumeClaimSpec", "volumeMode", &["Block", "Filesystem"]),
    ("api.core.v1.PersistentVolumeSpec", "volumeMode", &["Block", "Filesystem"]),
    ("api.core.v1.PersistentVolumeSpec", "persistentVolumeReclaimPolicy", &["Retain", "Recycle", "Delete"]),
    ("api.core.v1.SeccompProfile", "type", &["Localhost", "RuntimeDefault", "Unconfined"]),
    ("api.core.v1.AppArmorProfile", "type", &["Localhost", "RuntimeDefault", "Unconfined"]),
    ("apimachinery.pkg.apis.meta.v1.LabelSelectorRequirement", "operator", &["In", "NotIn", "Exists", "DoesNotExist"]),
    ("api.apps.v1.DeploymentStrategy", "type", &["Recreate", "RollingUpdate"]),
    ("api.apps.v1.StatefulSetUpdateStrategy", "type", &["OnDelete", "RollingUpdate"]),
    ("api.apps.v1.DaemonSetUpdateStrategy", "type", &["OnDelete", "RollingUpdate"]),
    ("api.apps.v1.StatefulSetSpec", "podManagementPolicy", &["OrderedReady", "Parallel"]),
    ("api.batch.v1.CronJobSpec", "concurrencyPolicy", &["Allow", "Forbid", "Replace"]),
    ("api.batch.v1.JobSpec", "completionMode", &["NonIndexed", "Indexed"]),
    ("api.networking.v1.HTTPIngressPath", "pathType", &["Exact", "Prefix", "ImplementationSpecific"]),
    ("api.storage.v1.StorageClass", "volumeBindingMode", &["Immediate", "WaitForFirstConsumer"]),
    ("api.rbac.v1.RoleRef", "kind", &["Role", "ClusterRole"]),
    ("api.rbac.v1.Subject", "kind", &["User", "Group", "ServiceAccount"]),
    ("api.autoscaling.v2.MetricSpec", "type", &["Resource", "Pods", "Object", "External", "ContainerResource"]),
    ("api.autoscaling.v2.MetricTarget", "type", &["Utilization", "Value", "AverageValue"]),
];

/// Fields with bounds: definition, field, smallest, largest.
const BOUNDS: &[(&str, &str, i128, i128)] = &[
    ("api.core.v1.ContainerPort", "containerPort", 1, 65_535),
    ("api.core.v1.ContainerPort", "hostPort", 0, 65_535),
    ("api.core.v1.ServicePort", "port", 1, 65_535),
    ("api.core.v1.ServicePort", "nodePort", 0, 65_535),
    ("api.core.v1.HTTPGetAction", "port", 1, 65_535),
    ("api.core.v1.TCPSocketAction", "port", 1, 65_535),
    ("api.core.v1.PodSpec", "terminationGracePeriodSeconds", 0, i64::MAX as i128),
    ("api.apps.v1.DeploymentSpec", "replicas", 0, i32::MAX as i128),
    ("api.apps.v1.ReplicaSetSpec", "replicas", 0, i32::MAX as i128),
    ("api.apps.v1.StatefulSetSpec", "replicas", 0, i32::MAX as i128),
    ("api.core.v1.ReplicationControllerSpec", "replicas", 0, i32::MAX as i128),
    ("api.batch.v1.JobSpec", "parallelism", 0, i32::MAX as i128),
    ("api.batch.v1.JobSpec", "completions", 0, i32::MAX as i128),
    ("api.batch.v1.JobSpec", "backoffLimit", 0, i32::MAX as i128),
    ("api.autoscaling.v1.HorizontalPodAutoscalerSpec", "maxReplicas", 1, i32::MAX as i128),
    ("api.autoscaling.v2.HorizontalPodAutoscalerSpec", "maxReplicas", 1, i32::MAX as i128),
    ("api.core.v1.Probe", "periodSeconds", 0, i32::MAX as i128),
    ("api.core.v1.Probe", "initialDelaySeconds", 0, i32::MAX as i128),
    ("api.core.v1.Probe", "timeoutSeconds", 0, i32::MAX as i128),
    ("api.core.v1.Probe", "failureThreshold", 0, i32::MAX as i128),
];

/// The words of a field, where it has a fixed list.
pub(super) fn words(definition: &str, field: &str) -> Option<&'static [&'static str]> {
    WORDS.iter().find(|row| row.0 == definition && row.1 == field).map(|row| row.2)
}

/// The bounds of a field, where they are known.
pub(super) fn bounds(definition: &str, field: &str) -> Option<(i128, i128)> {
    BOUNDS.iter().find(|row| row.0 == definition && row.1 == field).map(|row| (row.2, row.3))
}

/// Whether a text is base64 as Go's standard decoder takes it; line breaks are passed over.
pub(super) fn is_base64(text: &str) -> bool {
    let mut length = 0_usize;
    let mut padding = 0_usize;
    for byte in text.bytes().filter(|byte| !matches!(byte, b'\r' | b'\n')) {
        match byte {
            b'=' => padding += 1,
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'+' | b'/' if padding == 0 => {}
            _ => return false,
        }
        length += 1;
    }
    length.is_multiple_of(4) && padding <= 2
}

/// What is wrong with the name of an object of this kind.
pub(super) fn name_problem(group: &str, kind: &str, name: &str) -> Option<&'static str> {
    let is_alphanumeric = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_label = |label: &str| {
        !label.is_empty()
            && label.bytes().all(|byte| is_alphanumeric(byte) || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    match (group, kind) {
        // Names of the access rules are parts of paths.
        ("rbac.authorization.k8s.io", _) => {
            let broken = name == "." || name == ".." || name.contains(['/', '%']);
            broken.then_some("must not be `.` or `..` and must hold no `/` or `%`")
        }
        // Names that hold others, or belong to an address.
        ("", "Service" | "Namespace") => {
            let fine = is_label(name) && name.len() <= 63;
            (!fine).then_some(
                "must be at most 63 lower case letters, digits and hyphens, and start and end with no hyphen",
            )
        }
        (
            ""
            | "apps"
            | "batch"
            | "autoscaling"
            | "policy"
            | "networking.k8s.io"
            | "apiextensions.k8s.io"
            | "storage.k8s.io",
            _,
        ) => {
            let fine = name.len() <= 253 && name.split('.').all(is_label);
            (!fine).then_some(
                "must be at most 253 lower case letters, digits, hyphens and dots, with a letter or digit at both ends of each part",
            )
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::support::kubernetes::schema::Schemas;

    #[test]
    fn tables_name_fields_that_exist() {
        let schemas = Schemas::of_minor(37);
        let named = |definition: &str, field: &str| {
            (0..2_000).any(|at| {
                schemas.name(at) == definition
                    && schemas.definition(at).is_some_and(|known| known.fields.contains_key(field))
            })
        };
        for (definition, field, _) in WORDS {
            assert!(named(definition, field), "{definition}.{field}");
        }
        for (definition, field, ..) in BOUNDS {
            assert!(named(definition, field), "{definition}.{field}");
        }
    }

    #[test]
    fn base64_is_told_from_text() {
        for text in ["", "YQ==", "YWI=", "YWJj", "YWJj\nYWJj\n"] {
            assert!(is_base64(text), "{text}");
        }
        for text in ["a", "YQ=", "Y===", "YQ==YQ==", "YQ ==", "a_b-"] {
            assert!(!is_base64(text), "{text}");
        }
    }

    #[test]
    fn names_keep_to_their_kinds_alphabet() {
        assert_eq!(name_problem("rbac.authorization.k8s.io", "ClusterRole", "system:admin"), None);
        assert!(name_problem("", "Service", "a.b").is_some());
        assert_eq!(name_problem("", "ConfigMap", "a.b"), None);
        assert!(name_problem("", "ConfigMap", "a..b").is_some());
        assert!(name_problem("apps", "Deployment", &"a".repeat(254)).is_some());
        assert_eq!(name_problem("apps", "Deployment", &"a".repeat(253)), None);
    }
}
