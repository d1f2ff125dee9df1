import QtQuick
import Kiosk.Style
import Kiosk.Controls

// One thing to be seen first, perhaps with something to press.
Item {
    id: block
    property var spec: ({})
    property int place: 0
    property int built: 1
    readonly property string tone: spec.tone ?? "info"
    readonly property bool pressed: (spec.action?.text ?? "") !== ""
    readonly property bool aside: pressed && !Style.portrait && !Style.large
    implicitHeight: aside ? Math.max(words.implicitHeight, way.wanted) : words.implicitHeight + (pressed ? way.wanted + Style.dp(16) : 0)
    Accessible.role: Accessible.Grouping
    Accessible.name: spec.text ?? ""
    Accessible.id: "block-" + place
    Notice {
        id: words
        x: block.aside && Style.rightToLeft ? block.width - width : 0
        width: block.aside ? block.width - way.width - Style.dp(24) : block.width
        height: block.aside ? block.implicitHeight : implicitHeight
        text: block.spec.text ?? ""
        tone: block.tone
        icon: block.tone === "ok" ? "circle-check" : block.tone === "bad" || block.tone === "warn" ? "circle-alert" : "info"
        accessibleId: "text-" + block.place
    }
    ActionButton {
        id: way
        spec: block.spec.action
        width: block.aside ? Style.dp(400) : block.width
        x: block.aside && !Style.rightToLeft ? block.width - width : 0
        y: block.aside ? 0 : words.implicitHeight + Style.dp(16)
        height: block.aside ? block.implicitHeight : wanted
    }
}
