import QtQuick
import Kiosk.Style

// Text that is never cut: it wraps.
Text {
    property string kind: "body"
    readonly property var sizes: ({ display: 96, h1: 56, h2: 40, body: 34, small: 28 })
    font.pixelSize: Style.sp(sizes[kind])
    font.weight: kind === "display" || kind === "h1" || kind === "h2" ? Font.Bold : Font.Normal
    color: kind === "small" ? Style.muted : Style.text
    wrapMode: Text.Wrap
    textFormat: Text.PlainText
    horizontalAlignment: Text.AlignLeft
    Accessible.role: kind === "h1" || kind === "display" ? Accessible.Heading : Accessible.StaticText
    Accessible.name: text
}
