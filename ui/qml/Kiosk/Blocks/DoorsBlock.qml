pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Style
import Kiosk.Controls

// Things to press, as a list.
Item {
    id: block
    property var spec: ({})
    property int place: 0
    property int built: 1
    readonly property var rows: spec.rows ?? []
    property int made: 0                // as many as there ever were: the others wait unseen
    onRowsChanged: made = Math.max(made, rows.length)
    readonly property int across: Style.portrait || Style.large || rows.length < 2 ? 1 : 2
    readonly property real gap: Style.dp(20)
    implicitHeight: list.height
    Accessible.role: Accessible.Grouping
    Accessible.name: spec.title ?? ""
    Accessible.id: "block-" + place
    Column {
        id: list
        width: parent.width
        spacing: Style.dp(16)
        Label { visible: text !== ""; width: parent.width; text: block.spec.title ?? ""; kind: "h2"; Accessible.id: "title-" + block.place }
        Grid {
            width: parent.width
            columns: block.across
            spacing: block.gap
            Repeater {
                model: block.made
                PushButton {
                    required property int index
                    spec: block.rows[index] ?? ({})
                    width: (list.width - block.gap * (block.across - 1)) / block.across
                }
            }
        }
    }
}
