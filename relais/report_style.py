"""The style of the page."""

from __future__ import annotations

from typing import Final

STYLE: Final = """
:root { color-scheme: light; --ink: #1c2530; --soft: #5b6672; --line: #d8dde3; --red: #a3231f; --amber: #8a5a00;
  --green: #1d6b3a; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 60rem; padding: 1.5rem; color: var(--ink); background: #fff;
  font: 1rem/1.5 system-ui, "Segoe UI", "Liberation Sans", Arial, sans-serif; }
h1 { margin: 0; font-size: 1.7rem; } h2 { margin: 2rem 0 .75rem; font-size: 1.2rem; }
h3 { margin: 0; font-size: 1.05rem; overflow-wrap: anywhere; }
header p { margin: .25rem 0 1rem; color: var(--soft); }
.figures { display: flex; flex-wrap: wrap; gap: .75rem; margin: 0 0 1rem; padding: 0; list-style: none; }
.figures li { flex: 1 1 9rem; padding: .75rem 1rem; border: 1px solid var(--line); border-top: 4px solid var(--soft);
  border-radius: 4px; }
.figures strong { display: block; font-size: 1.6rem; line-height: 1.2; }
.figures .valid { border-top-color: var(--green); } .figures .invalid { border-top-color: var(--red); }
.figures .undetermined { border-top-color: var(--amber); }
section { margin: 0 0 1.25rem; padding: 1rem 1.25rem; border: 1px solid var(--line); border-left: 5px solid var(--soft);
  border-radius: 4px; }
section.invalid { border-left-color: var(--red); } section.undetermined { border-left-color: var(--amber); }
section.valid { border-left-color: var(--green); }
.number, small { font-weight: normal; color: var(--soft); } .number { margin-left: .5rem; }
.verdict { margin: .25rem 0 0; font-weight: 600; }
.invalid .verdict { color: var(--red); } .undetermined .verdict { color: var(--amber); }
.valid .verdict { color: var(--green); }
ol { margin: .75rem 0 0; padding-left: 1.5rem; } ol > li { margin: 0 0 1rem; } ol p { margin: 0; }
.flag { font-weight: 600; } .fatal .flag { color: var(--red); } .warning .flag { color: var(--amber); }
.flag::after { content: " —"; }
table { width: 100%; border-collapse: collapse; } th, td { padding: .3rem .75rem .3rem 0; text-align: left;
  border-bottom: 1px solid var(--line); vertical-align: top; } td:first-child { text-align: right; width: 6rem; }
th { color: var(--soft); font-weight: normal; } td:last-child { color: var(--soft); font-size: .8rem; }
q { quotes: "“" "”"; } html[lang=fr] q { quotes: "«\\202f" "\\202f»"; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem 1rem; margin: .35rem 0; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
.rule, footer { color: var(--soft); font-size: .8rem; overflow-wrap: anywhere; }
.brief { margin: .2rem 0; overflow-wrap: anywhere; } .brief .name { font-weight: 600; }
.clean { columns: 20rem; padding-left: 1.25rem; } .clean li { overflow-wrap: anywhere; break-inside: avoid; }
footer { margin-top: 2rem; border-top: 1px solid var(--line); } footer h2 { font-size: .9rem; }
@media print { body { max-width: none; padding: 0; font-size: 10pt; } h2, h3 { break-after: avoid; }
  ol > li { break-inside: avoid; } .figures li { padding: .4rem .6rem; } }
"""
