import QtQuick
import Kiosk.Style

// Text that is never cut: it wraps.
Text {
    property string kind: "body"
    font.pixelSize: {
        switch (kind) {
        case "display": return Style.title(96)
        case "h1": return Style.title(58)
        case "h2": return Style.title(42)
        case "small": return Style.sp(28)
        default: return Style.sp(34)
        }
    }
    font.weight: kind === "display" || kind === "h1" || kind === "h2" ? Font.Bold : Font.Normal
    color: kind === "small" ? Style.muted : Style.text
    wrapMode: Text.Wrap
    textFormat: Text.PlainText
    horizontalAlignment: Text.AlignLeft
    Accessible.role: kind === "h1" || kind === "display" ? Accessible.Heading : Accessible.StaticText
    Accessible.name: text
}
