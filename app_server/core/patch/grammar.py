"""The grammar of patches that the provider holds the model to (Lark's notation)."""

GRAMMAR = r"""start: begin hunk+ end
begin: "*** Begin Patch" LF
end: "*** End Patch" LF?

hunk: add | delete | update
add: "*** Add File: " name LF added+
delete: "*** Delete File: " name LF
update: "*** Update File: " name LF move? change?
move: "*** Move to: " name LF
change: (anchor | line)+ last?

name: /(.+)/
added: "+" /(.*)/ LF
anchor: ("@@" | "@@ " /(.+)/) LF
line: ("+" | "-" | " ") /(.*)/ LF
last: "*** End of File" LF

%import common.LF
"""
