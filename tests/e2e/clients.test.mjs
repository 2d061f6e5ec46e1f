// The clients that npm brings, against the built fleet. `cargo xtask test --clients` adds those of Python and Rust.
import { inspector } from "../clients/inspector.mjs";
import { matrix } from "../clients/matrix.mjs";
import { typescript } from "../clients/typescript.mjs";

matrix([...typescript, ...inspector]);
