import QtQuick

// Text; an empty name keeps it out of the accessibility tree.
Text {
    property string identifier
    Theme { id: theme }
    color: theme.text
    font.family: theme.family
    font.pixelSize: theme.normal
    elide: Text.ElideRight
    Accessible.role: Accessible.StaticText
    Accessible.id: identifier
    Accessible.name: text
    Accessible.ignored: identifier === ""
}
