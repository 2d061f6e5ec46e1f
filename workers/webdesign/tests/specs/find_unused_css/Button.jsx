// never: "ghost"
export function Button({ kind, wide }) {
  const name = `btn btn-${kind}`;
  return <button className={name} data-x='tabs'>{wide ? <span className="wide label">Don't</span> : null}</button>;
}
