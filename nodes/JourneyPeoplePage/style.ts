/** The page's looks: in the page itself, so that it needs nothing from anywhere. */
export const style = `
:root{color-scheme:light dark;--ground:#f5f3ee;--card:#fff;--line:#ddd9cf;--text:#22251f;--quiet:#5f6158;--accent:#1f6f5c;--on-accent:#fff;--wash:#e2efe9;--bad:#a8322d;--warn:#8a5a00;font:15px/1.5 system-ui,'Segoe UI',Roboto,'Noto Sans',sans-serif}
@media (prefers-color-scheme:dark){:root{--ground:#17191a;--card:#1f2223;--line:#33383a;--text:#e9e8e3;--quiet:#9fa39c;--accent:#5cc3a6;--on-accent:#0d1a16;--wash:#1d3530;--bad:#f08d85;--warn:#e3b45c}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--text)}
tr>:first-child{padding-left:0}
tr>:last-child{padding-right:0}
header,main{max-width:80rem;margin:0 auto;padding:1rem 1.25rem}
header{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;align-items:baseline}
header p{margin:0;color:var(--quiet)}
nav{display:flex;gap:1rem;margin-left:auto}
h1{font-size:1.35rem;margin:0}
h3{font-size:1rem;margin:0 0 .5rem}
h2{font-size:1.1rem;margin:1.5rem 0 .5rem}
a{color:var(--accent)}
a:focus-visible,button:focus-visible,input:focus-visible,select:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
section,form.card,.card{background:var(--card);border:1px solid var(--line);border-radius:.6rem;padding:1rem 1.25rem;margin:0 0 1rem}
section>:first-child,.card>:first-child,.note>:first-child,main>h2:first-child{margin-top:0}
section>:last-child{margin-bottom:0}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;padding:.4rem .6rem;border-bottom:1px solid var(--line);vertical-align:top}
thead th{color:var(--quiet);font-weight:600;white-space:nowrap}
tbody th{font-weight:600}
tbody tr:last-child>*{border-bottom:0}
.n{text-align:right;font-variant-numeric:tabular-nums}
time{white-space:nowrap;font-variant-numeric:tabular-nums}
.quiet{color:var(--quiet)}
.tag{display:inline-block;padding:0 .5rem;border-radius:1rem;border:1px solid var(--line);font-size:.85rem;font-weight:400;white-space:nowrap}
.stuck,.stranded,.bad{color:var(--bad)}
.unknown,.stopped{color:var(--warn)}
a.stuck,a.stranded,a.unknown{font-weight:700}
.row{display:flex;flex-wrap:wrap;gap:.75rem 1rem;align-items:last baseline;margin:.75rem 0 0}
.row:first-child,.row:first-of-type{margin-top:0}
.doing{position:sticky;bottom:0;background:var(--card);border-top:1px solid var(--line);margin:0 -1.25rem -1rem;padding:.75rem 1.25rem;border-radius:0 0 .6rem .6rem}
.doing .row{margin:0}
.doing fieldset{margin-bottom:.6rem}
label,fieldset{display:block}
fieldset{border:0;margin:0;padding:0}
legend{padding:0;color:var(--quiet)}
label span{display:block;color:var(--quiet)}
label.choice{display:inline-block;margin-right:1rem}
label.choice span{display:inline;color:inherit}
input,select,button{font:inherit;color:inherit}
input[type=text],input[type=time],input[type=number],select{background:var(--ground);border:1px solid var(--quiet);border-radius:.35rem;padding:.35rem .5rem;min-width:12rem;max-width:100%}
input[type=time],input[type=number]{min-width:7rem;width:9rem}
input[type=checkbox],input[type=radio]{width:1.1rem;height:1.1rem;vertical-align:-.15rem;accent-color:var(--accent)}
button{background:var(--card);border:1px solid var(--accent);border-radius:.35rem;padding:.35rem .9rem;cursor:pointer}
button:hover{background:var(--wash)}
button.first{background:var(--accent);color:var(--on-accent)}
.note{background:var(--wash);border-left:4px solid var(--accent);padding:.6rem 1rem;margin:0 0 1rem}
.note.bad{border-color:var(--bad)}
.note p{margin:0;color:var(--text)}
ol.events{list-style:none;margin:0;padding:0}
ol.events li{display:grid;grid-template-columns:minmax(9.5rem,auto) 1fr;gap:.1rem 1rem;padding:.35rem 0;border-bottom:1px solid var(--line)}
ol.events li:last-child{border-bottom:0}
@media (max-width:40rem){ol.events li{grid-template-columns:1fr}}
.seen-not{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
`;
