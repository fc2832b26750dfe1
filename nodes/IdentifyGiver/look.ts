/** What this page looks like beyond what all pages share. */
export const look = `
kbd{font:600 .8rem ui-monospace,monospace;border:1px solid var(--line);border-bottom-width:2px;border-radius:.25rem;padding:0 .35rem;background:var(--ground)}
button.first kbd{color:var(--text)}
.sides{display:grid;grid-template-columns:minmax(17rem,1fr) 3fr;gap:1rem;align-items:start}
.sides>section{position:sticky;top:.5rem}
.candidates{display:grid;grid-template-columns:repeat(auto-fit,minmax(20rem,30rem));gap:1rem}
.candidates .card{margin:0;display:flex;flex-direction:column;gap:.5rem}
.candidates .card>*{margin:0}
.candidates h3{display:flex;gap:.5rem;align-items:baseline}
.candidates h3 .n{margin-left:auto}
dl{display:grid;grid-template-columns:auto minmax(9rem,1fr);gap:.15rem .75rem;margin:0}
dt{color:var(--quiet)}
dd{margin:0;overflow-wrap:break-word;min-width:0;padding:0 .3rem;border-radius:.25rem}
dd.for{background:var(--wash)}
dd.mixed{background:var(--wash);outline:1px solid var(--bad)}
dd.against{color:var(--bad);outline:1px solid var(--bad)}
.message{border-left:3px solid var(--line);padding:0 .75rem;margin:.5rem 0;white-space:pre-wrap;overflow-wrap:anywhere}
.why{list-style:none;padding:0;font-size:.9rem}
.why li{display:grid;grid-template-columns:1fr 4.5rem 2.6rem;gap:.5rem;align-items:center}
.why svg{height:.6rem;width:100%}
.why .for rect{fill:var(--accent)}
.why .against rect{fill:var(--bad)}
.acts{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center}
.amount{font-size:1.5rem;font-weight:600;font-variant-numeric:tabular-nums}
@media (max-width:50rem){.sides{grid-template-columns:1fr}.sides>section{position:static}}
`;
