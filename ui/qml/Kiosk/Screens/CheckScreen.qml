pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Kiosk.Style
import Kiosk.Controls

// What stands now and what will stand, side by side; the button names the act.
Frame {
    id: screen
    property var f: ({})
    title: f.title ?? ""
    step: f.step ?? 0
    steps: f.steps ?? 0
    stepText: f.stepText ?? ""
    actions: [f.back ?? {}, f.sign ?? {}]
    Accessible.id: "page-check"
    component Side: Rectangle {
        id: side
        property string caption
        property var lines: []
        property bool fresh: false
        visible: caption !== "" || lines.length > 0
        implicitHeight: inner.implicitHeight + Style.dp(56)
        radius: Style.radius
        color: fresh ? Style.okTint : Style.ground
        border.width: Style.dp(fresh ? 4 : 2)
        border.color: fresh ? Style.ok : Style.line
        ColumnLayout {
            id: inner
            anchors.left: parent.left
            anchors.right: parent.right
            anchors.top: parent.top
            anchors.margins: Style.dp(28)
            spacing: Style.dp(8)
            Label { visible: text !== ""; text: side.caption; kind: "small"; font.weight: Font.Bold; color: side.fresh ? Style.ok : Style.muted; Layout.fillWidth: true }
            Repeater {
                model: side.lines
                Label {
                    required property string modelData
                    required property int index
                    text: modelData
                    Layout.fillWidth: true
                    font.weight: index === 0 ? Font.Bold : Font.Normal
                    font.pixelSize: Style.sp(index === 0 ? 36 : 30)
                    Accessible.id: (side.fresh ? "new-" : "now-") + index
                }
            }
        }
    }
    Notice { Layout.fillWidth: true; text: screen.f.problem ?? ""; tone: "bad"; icon: "circle-alert"; accessibleId: "check-problem" }
    Rectangle {
        Layout.fillWidth: true
        implicitHeight: card.implicitHeight + Style.dp(72)
        radius: Style.radius
        color: Style.surface
        border.width: Style.dp(2)
        border.color: Style.line
        ColumnLayout {
            id: card
            anchors.left: parent.left
            anchors.right: parent.right
            anchors.top: parent.top
            anchors.margins: Style.dp(36)
            spacing: Style.dp(24)
            RowLayout {
                visible: (screen.f.holder ?? "") !== ""
                spacing: Style.dp(20)
                Icon { name: "user"; tone: Style.primary; size: Style.dp(50) }
                Label { text: screen.f.holder ?? ""; font.weight: Font.Bold; Layout.fillWidth: true }
            }
            Repeater {
                model: screen.f.rows ?? []
                ColumnLayout {
                    id: row
                    required property var modelData
                    Layout.fillWidth: true
                    spacing: Style.dp(16)
                    RowLayout {
                        Layout.fillWidth: true
                        spacing: Style.dp(20)
                        Icon { name: "landmark"; tone: Style.primary; size: Style.dp(50) }
                        Label { text: row.modelData.label; font.weight: Font.Bold; Layout.fillWidth: true }
                        PushButton { spec: row.modelData.change; implicitHeight: Style.dp(100); kind: "small" }
                    }
                    GridLayout {
                        Layout.fillWidth: true
                        columns: Style.large && Style.portrait ? 1 : 2
                        columnSpacing: Style.dp(24)
                        rowSpacing: Style.dp(20)
                        Side { caption: row.modelData.nowLabel; lines: row.modelData.now; Layout.fillWidth: true; Layout.preferredWidth: 1; Layout.fillHeight: true }
                        Side { caption: row.modelData.newLabel; lines: row.modelData.new; fresh: true; Layout.fillWidth: true; Layout.preferredWidth: 1; Layout.fillHeight: true }
                    }
                }
            }
        }
    }
    Repeater {
        model: screen.f.notes ?? []
        Notice { required property string modelData; Layout.fillWidth: true; text: modelData; icon: "info" }
    }
    Item { Layout.fillHeight: true }
}
