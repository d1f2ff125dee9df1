pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Kiosk.Style
import Kiosk.Controls

Frame {
    id: screen
    property var f: ({})
    title: f.title ?? ""
    actions: [f.back ?? {}]
    Accessible.id: "page-requests"
    Notice { Layout.fillWidth: true; text: screen.f.empty ?? "" }
    Repeater {
        model: screen.f.rows ?? []
        Rectangle {
            id: row
            required property var modelData
            Layout.fillWidth: true
            implicitHeight: inside.implicitHeight + Style.dp(60)
            radius: Style.radius
            color: Style.surface
            border.width: Style.dp(2)
            border.color: Style.line
            ColumnLayout {
                id: inside
                anchors.left: parent.left
                anchors.right: parent.right
                anchors.verticalCenter: parent.verticalCenter
                anchors.margins: Style.dp(36)
                spacing: Style.dp(12)
                RowLayout {
                    Layout.fillWidth: true
                    spacing: Style.dp(20)
                    Label { text: row.modelData.title; kind: "h2"; font.pixelSize: Style.sp(36); Layout.fillWidth: true }
                    Rectangle {
                        Layout.preferredWidth: stage.implicitWidth + Style.dp(48)
                        Layout.preferredHeight: stage.implicitHeight + Style.dp(20)
                        Layout.alignment: Qt.AlignTop
                        radius: height / 2
                        color: Style.toneTint(row.modelData.tone)
                        border.width: Style.dp(3)
                        border.color: Style.tone(row.modelData.tone)
                        Label { id: stage; anchors.centerIn: parent; text: row.modelData.stage; kind: "small"; font.weight: Font.Bold; color: Style.tone(row.modelData.tone); wrapMode: Text.NoWrap; Accessible.id: "request-stage" }
                    }
                }
                Label { text: row.modelData.reference + "  ·  " + row.modelData.recorded; kind: "small"; Layout.fillWidth: true }
                Label { visible: text !== ""; text: row.modelData.inForce; Layout.fillWidth: true; color: Style.ok; font.weight: Font.Bold }
                Label { visible: text !== ""; text: row.modelData.reason; Layout.fillWidth: true }
                PushButton { spec: row.modelData.stop; Layout.topMargin: Style.dp(8) }
            }
        }
    }
    Item { Layout.fillHeight: true }
}
