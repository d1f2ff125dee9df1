import QtQuick
import Kiosk.Style
import Kiosk.Controls

// One part of what a service shows, on a card of its own. Positioned without layouts: a long record has hundreds of texts.
Rectangle {
    id: block
    property var spec: ({})
    property int place: 0
    property int built: 1               // parts of it that are there by now; the first is the block itself, then row by row
    readonly property var all: spec.rows ?? []
    property string said: spec.summary ?? ""
    readonly property var rows: built > all.length ? all : all.slice(0, built - 1)
    readonly property real inset: Style.dp(Style.large ? 28 : 36)
    readonly property real inner: width - 2 * inset
    default property alias content: body.data
    implicitHeight: body.height + 2 * Style.dp(Style.portrait ? 32 : 26)
    radius: Style.radius
    color: Style.surface
    border.width: Style.dp(2)
    border.color: Style.line
    Accessible.role: Accessible.Grouping
    Accessible.name: [spec.title ?? "", said].filter(text => text !== "").join(". ")
    Accessible.id: "block-" + place
    Column {
        id: body
        x: block.inset
        y: Style.dp(Style.portrait ? 32 : 26)
        width: block.inner
        spacing: Style.dp(Style.portrait ? 20 : 16)
        Label { visible: text !== ""; width: parent.width; text: block.spec.title ?? ""; kind: "h2"; Accessible.id: "title-" + block.place }
    }
}
