"""What the scripts that draw share: texts, the document around what is drawn, and the command."""
import pathlib
import sys

COLOURS = ["#000000", "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b07d00"]


def text(x, y, content, anchor="start", size=12, extra=""):
    content = content.replace("&", "&amp;").replace("<", "&lt;")
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" {extra}>{content}</text>'


def document(width, height, parts):
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f' font-family="sans-serif" fill="#222222">\n<rect width="{width}" height="{height}" fill="#ffffff"/>\n{body}\n</svg>\n'
    )


def command(usage, picture):
    """Draws a folder of runs into a file, both of which the command names."""
    if len(sys.argv) != 3:
        sys.exit(usage)
    folder, target = map(pathlib.Path, sys.argv[1:])
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(picture(folder))
