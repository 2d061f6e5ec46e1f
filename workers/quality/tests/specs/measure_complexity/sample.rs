use std::fmt;

impl<T: fmt::Debug> Tree<T>
where
    T: ?Sized,
{
    /// Text.
    pub fn visit(&self, depth: usize, each: &mut dyn FnMut(&T) -> bool) -> Result<(), Error> {
        let Some(root) = self.root else { return Ok(()) };
        for child in root.children()? {
            match child.kind {
                Kind::Leaf if depth > 3 && !each(&child) => break,
                Kind::Leaf => continue,
                Kind::Branch | Kind::Root => loop {
                    if let Some(next) = child.next() && next.ok || depth == 0 {
                        self.visit(depth + 1, each)?;
                    } else {
                        break;
                    }
                },
            }
        }
        assert!(depth > 0 && root.ok() || done(|| true, &&depth));
        let picked = root.all().filter(|c| if c.ok { true } else { false });
        Ok(())
    }
}

fn fact(n: u64) -> u64 {
    if n < 2 { 1 } else { n * fact(n - 1) }
}

trait Shape {
    fn area(&self) -> f64;
}
