pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Kiosk.Style
import Kiosk.Controls

// What can be done here, what works now, and what is known of the person, with its age.
Frame {
    id: screen
    property var f: ({})
    readonly property var tiles: f.tiles ?? []
    readonly property var facts: f.facts ?? []
    title: f.title ?? ""
    lead: (f.problem ?? "") === "" ? (f.text ?? "") : ""   // what is wrong needs the room
    actions: f.holders?.text ? [f.holders] : []
    announcement: f.problem ?? ""
    Accessible.id: "page-menu"
    Notice { Layout.fillWidth: true; text: screen.f.problem ?? ""; tone: "bad"; icon: "circle-alert"; accessibleId: "menu-problem" }
    Notice { Layout.fillWidth: true; text: screen.f.absent ?? ""; tone: "warn"; icon: "info"; accessibleId: "menu-absent" }
    Notice { Layout.fillWidth: true; text: screen.f.closed ?? ""; tone: "warn"; icon: "circle-alert"; accessibleId: "menu-closed" }
    Notice { Layout.fillWidth: true; text: screen.f.empty ?? ""; icon: "info"; accessibleId: "menu-empty" }
    GridLayout {
        Layout.fillWidth: true
        Layout.fillHeight: false
        columns: Style.portrait || Style.large ? 1 : 2
        columnSpacing: Style.dp(28)
        rowSpacing: Style.dp(28)
        Repeater {
            model: screen.tiles.length
            Tile {
                required property int index
                spec: screen.tiles[index] ?? ({})
                Layout.fillWidth: true
                Layout.preferredHeight: Math.max(implicitHeight, Style.dp(Style.portrait ? 236 : 220))
                Layout.preferredWidth: 1
            }
        }
    }
    Rectangle {
        Layout.fillWidth: true
        visible: screen.facts.length > 0
        implicitHeight: list.implicitHeight + Style.dp(Style.portrait ? 64 : 36)
        radius: Style.radius
        color: Style.tint
        border.width: Style.highContrast ? Style.dp(3) : 0
        border.color: Style.line
        GridLayout {
            id: list
            columns: Style.portrait || Style.large ? 1 : 2
            anchors.left: parent.left
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            anchors.leftMargin: Style.dp(36)
            anchors.rightMargin: Style.dp(36)
            columnSpacing: Style.dp(40)
            rowSpacing: Style.dp(18)
            Repeater {
                model: screen.facts.length
                RowLayout {
                    id: fact
                    required property int index
                    readonly property var spec: screen.facts[index] ?? ({})
                    Layout.fillWidth: true
                    Layout.alignment: Qt.AlignTop
                    Layout.preferredWidth: 1
                    spacing: Style.dp(24)
                    Icon { name: fact.spec.icon ?? ""; tone: Style.primary; size: Style.upTo(46, 70); Layout.alignment: Qt.AlignTop }
                    Label { text: fact.spec.text ?? ""; Layout.fillWidth: true; Layout.alignment: Qt.AlignVCenter; Accessible.id: "fact-" + fact.index }
                }
            }
        }
    }
    Spring {}
}
