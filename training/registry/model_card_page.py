"""The model card as a page of its own: Markdown in, HTML out, for light and dark, without a network."""

import html

import markdown

STYLE = """
:root { color-scheme: light dark; --ink: #1a1a1a; --paper: #fff; --rule: #d8d8d8; --quiet: #f4f6f8; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e8e8e8; --paper: #16181b; --rule: #3a3f45; --quiet: #1f2327; }
}
body { margin: 2rem auto; max-width: 60rem; padding: 0 1rem; font: 16px/1.55 system-ui, sans-serif;
       color: var(--ink); background: var(--paper); }
h1 { line-height: 1.2; } h2 { margin-top: 2.2rem; border-bottom: 1px solid var(--rule); }
table { border-collapse: collapse; display: block; overflow-x: auto; font-variant-numeric: tabular-nums; }
th, td { padding: .3rem .8rem; border-bottom: 1px solid var(--rule); text-align: left; vertical-align: top; }
thead th:empty { display: none; }
blockquote { margin: 1rem 0; padding: .2rem 1rem; background: var(--quiet); border-left: 4px solid #0072b2; }
code, pre { background: var(--quiet); overflow-wrap: anywhere; } pre { padding: .8rem; overflow-x: auto; }
"""


def card_page(card: str, project: str) -> str:
    """The page; names that come from the data are text, never markup."""
    body = markdown.markdown(html.escape(card, quote=False).replace("&gt; ", "> "), extensions=["tables"])
    return (
        f'<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>Model card: {html.escape(project)}</title>\n<style>{STYLE}</style>\n</head>\n"
        f"<body>\n{body}\n</body>\n</html>\n"
    )
