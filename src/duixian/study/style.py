"""The style sheet of a report: ink on paper, one accent, three colours for the states of money; a screen, a phone and an A4 sheet."""

from __future__ import annotations

STYLE = """
:root{--ink:#1b2430;--ink-2:#4a5666;--ink-3:#6b7788;--line:#dfe4ea;--paper:#fff;--ground:#f5f6f8;--wash:#eef2f7;--accent:#1d4f91;
--good:#1a6b45;--wait:#8a5a00;--wait-wash:#fdf3dc;--bad:#a3262a;
--serif:"Source Han Serif SC","Noto Serif CJK SC","Songti SC",SimSun,serif;
--sans:system-ui,"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","WenQuanYi Micro Hei",sans-serif;
--num:"SF Mono","JetBrains Mono","DejaVu Sans Mono",Consolas,monospace}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.65 var(--sans)}
a{color:var(--accent);text-underline-offset:3px}
:focus-visible{outline:3px solid #7fb0ee;outline-offset:2px;border-radius:3px}
.defs{position:absolute}
.top{background:var(--paper);border-bottom:1px solid var(--line)}
.top>div,.title,main{max-width:1080px;margin:auto;padding:0 24px}
.top>div{display:flex;align-items:center;gap:16px;min-height:56px}
.brand{font-weight:700;letter-spacing:.12em;font-size:18px}
.brand small{font-weight:400;letter-spacing:.04em;color:var(--ink-3);margin-left:10px;font-size:14px}
.who{margin-left:auto}
.tag{display:inline-block;border-radius:99px;padding:1px 12px;font-size:13px;font-weight:600;margin-left:8px}
.tag.wait{color:var(--wait);background:var(--wait-wash)}
.title{padding-top:28px}
h1{font:600 27px/1.4 var(--serif);margin:0 0 6px}
.sub{color:var(--ink-2);margin:0 0 20px}
h2{font-size:20px;margin:0 0 10px;display:flex;align-items:baseline;gap:10px}
.number{font:600 15px var(--num);color:var(--ink-3)}
.card{background:var(--paper);border:1px solid var(--line);border-radius:6px;padding:24px 28px;margin-bottom:20px}
.warn{margin:0 0 8px;padding:6px 12px;border-left:3px solid #d9a441;background:var(--wait-wash);color:var(--wait);font-weight:600}
.figures{display:flex;flex-wrap:wrap;gap:12px 44px;margin:14px 0 16px}
.figures dt{color:var(--ink-2);font-size:14px}
.figures dd{margin:0;font:600 26px/1.3 var(--num);letter-spacing:-.02em;font-variant-numeric:tabular-nums}
.figures small{font:400 14px var(--sans);color:var(--ink-2);margin-left:4px}
.answers{list-style:none;margin:0;padding:0}
.answers li{display:grid;grid-template-columns:10.5em minmax(0,1fr);gap:16px;padding:9px 0;border-top:1px solid var(--line)}
.answers a{text-decoration:none;font-weight:600}
.answer{font-size:17px;margin:0 0 8px;max-width:60em}
.plain{margin:0 0 6px}
.lead{margin:22px 0 6px;font-weight:600}
.note{color:var(--ink-2);font-size:14px;margin:6px 0}
.empty{color:var(--ink-2);background:var(--wash);border-radius:6px;padding:10px 14px;margin:12px 0}
figure{margin:22px 0 6px}
figcaption{color:var(--ink-2);font-size:14px;margin-top:2px}
.scroll{overflow-x:auto}
.chart{display:block;width:100%;max-width:900px;height:auto;font:12px var(--sans);fill:var(--ink)}
.chart .tick{fill:#4a5666;font-size:11px}
.chart .value{font-size:11.5px;font-weight:600}
.chart .series{font-size:12px}
.grid{stroke:#dfe4ea;stroke-width:1}
.base{stroke:#6b7788;stroke-width:1}
.line{fill:none;stroke:#1d4f91;stroke-width:2.4}
.claimed{stroke:#c77700;stroke-dasharray:6 4}
.level{stroke:#a3262a;stroke-width:1.5;stroke-dasharray:2 3}
.joint{stroke:#6b7788;stroke-width:1;stroke-dasharray:2 2}
.answer-mark{stroke:#1a6b45;stroke-width:1.5}
.dot{fill:#fff;stroke:#1b2430;stroke-width:1.6}
table{border-collapse:collapse;width:100%;font-size:14.5px;margin:14px 0 4px}
caption{text-align:left;font-weight:600;padding:6px 8px 6px 0;color:var(--ink)}
th{font-weight:600;text-align:left;color:var(--ink-2);font-size:13px;border-bottom:1px solid #b9c2cd;padding:6px 8px;vertical-align:bottom}
td{padding:6px 8px;border-bottom:1px solid var(--line);vertical-align:top;overflow-wrap:anywhere}
tfoot td{border-top:1px solid #6b7788;border-bottom:0;font-weight:600}
.n{text-align:right}
td.s{white-space:nowrap}
th:not(.n),td:not(.n){min-width:4.5em}
th.n{min-width:3.4em}
td.n{font-variant-numeric:tabular-nums;white-space:nowrap}
td.n{font-family:var(--num);font-size:13px}
.wide td,.wide th{padding:5px 6px}
.wide td{font-size:13px}
.wide td.n{font-size:12px}
.wide td{overflow-wrap:break-word}
.wide th.n{min-width:2.8em}
.wide th:not(.n),.wide td:not(.n){min-width:3em}
td.up{color:var(--accent)}
td.down{color:#a85400}
td.zero{color:#8b95a3}
td.code{white-space:normal;font:12px/1.5 var(--num);word-break:break-all}
footer{color:var(--ink-3);font-size:13px;padding:4px 0 32px}
@media (max-width:720px){
td.s{white-space:normal}
th:not(.n),td:not(.n),.wide th:not(.n),.wide td:not(.n){min-width:6.5em;overflow-wrap:break-word}
.top>div,.title,main{padding:0 14px}
.title{padding-top:18px}
.card{padding:16px}
h1{font-size:21px}
.answers li{grid-template-columns:1fr;gap:2px}
.figures dd{font-size:21px}
.chart{min-width:620px}
}
@page{size:A4;margin:15mm 13mm}
@media print{
body{background:#fff;font-size:10.5pt;line-height:1.5}
.top>div,.title,main{max-width:none;padding:0}
.top{border:0}
.top>div{min-height:0}
.title{padding-top:6mm}
h1{font-size:18pt}
h2{font-size:13.5pt;break-after:avoid}
.card{border:0;border-top:1px solid #6b7788;border-radius:0;padding:5mm 0 2mm;margin:0}
.figures dd{font-size:16pt}
.answer{font-size:11pt}
a{color:inherit;text-decoration:none}
.scroll{overflow:visible}
figure,tr{break-inside:avoid}
.chart{max-width:none}
thead{display:table-header-group}
caption{break-after:avoid}
table{font-size:8.5pt}
th{font-size:8pt}
td.n{font-size:8pt}
.wide td,.wide th{font-size:7pt}
.wide td.n{font-size:6.6pt}
td,th{padding:1.2mm 1.4mm}
.wide td,.wide th{padding:1.2mm .9mm}
td.code{font-size:7pt}
th.n,th:not(.n),td:not(.n){min-width:0}
.note,figcaption{font-size:8.5pt}
.tag,.warn,.empty{-webkit-print-color-adjust:exact;print-color-adjust:exact}
}
"""
