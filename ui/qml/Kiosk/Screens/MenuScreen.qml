pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Kiosk.Style
import Kiosk.Controls

Frame {
    id: screen
    property var f: ({})
    title: f.title ?? ""
    lead: f.text ?? ""
    Accessible.id: "page-menu"
    Notice { Layout.fillWidth: true; text: screen.f.problem ?? ""; tone: "bad"; icon: "circle-alert"; accessibleId: "menu-problem" }
    Notice { Layout.fillWidth: true; text: screen.f.absent ?? ""; tone: "warn"; icon: "info"; accessibleId: "menu-absent" }
    Notice { Layout.fillWidth: true; text: screen.f.empty ?? ""; icon: "info"; accessibleId: "menu-empty" }
    GridLayout {
        Layout.fillWidth: true
        columns: Style.portrait || Style.large ? 1 : 2
        columnSpacing: Style.dp(28)
        rowSpacing: Style.dp(28)
        Repeater {
            model: screen.f.tiles ?? []
            Tile { required property var modelData; spec: modelData; Layout.fillWidth: true; Layout.preferredWidth: 1; Layout.fillHeight: !Style.portrait }
        }
    }
    Item { Layout.fillHeight: true }
    Rectangle {
        Layout.fillWidth: true
        visible: (screen.f.facts ?? []).length > 0
        implicitHeight: facts.implicitHeight + Style.dp(48)
        radius: Style.radius
        color: Style.tint
        border.width: Style.highContrast ? Style.dp(3) : 0
        border.color: Style.line
        ColumnLayout {
            id: facts
            anchors.left: parent.left
            anchors.right: parent.right
            anchors.verticalCenter: parent.verticalCenter
            anchors.margins: Style.dp(30)
            spacing: Style.dp(14)
            Repeater {
                model: screen.f.facts ?? []
                RowLayout {
                    id: fact
                    required property var modelData
                    Layout.fillWidth: true
                    spacing: Style.dp(20)
                    Icon { name: fact.modelData.icon; tone: Style.primary; size: Style.dp(42); Layout.alignment: Qt.AlignTop }
                    Label { text: fact.modelData.text; Layout.fillWidth: true }
                }
            }
        }
    }
}
