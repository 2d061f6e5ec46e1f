// Every client of the matrix against the built fleet: `cargo xtask test --clients`.
import { inspector } from "./inspector.mjs";
import { matrix } from "./matrix.mjs";
import { python } from "./python.mjs";
import { rust } from "./rust.mjs";
import { typescript } from "./typescript.mjs";

matrix([...typescript, ...inspector, ...python, ...rust]);
