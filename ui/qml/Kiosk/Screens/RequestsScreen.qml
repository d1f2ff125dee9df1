pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Kiosk.Style
import Kiosk.Controls

// Where each request stands; what is pending can be stopped, what waits for the person's word is offered.
Frame {
    id: screen
    property var f: ({})
    readonly property var rows: f.rows ?? []
    title: f.title ?? ""
    actions: [f.back ?? {}]
    Accessible.id: "page-requests"
    Notice { Layout.fillWidth: true; text: screen.f.empty ?? ""; accessibleId: "requests-empty" }
    Repeater {
        model: screen.rows.length
        Rectangle {
            id: row
            required property int index
            readonly property var spec: screen.rows[index] ?? ({})
            readonly property string tone: spec.tone ?? "info"
            Layout.fillWidth: true
            implicitHeight: inside.implicitHeight + Style.dp(64)
            radius: Style.radius
            color: Style.surface
            border.width: Style.dp(2)
            border.color: Style.line
            Rectangle {   // the edge at which the row begins, in its tone
                x: Style.rightToLeft ? parent.width - width : 0
                y: Style.radius
                width: Style.dp(10)
                height: parent.height - 2 * Style.radius
                color: Style.tone(row.tone)
            }
            GridLayout {
                id: inside
                anchors.left: parent.left
                anchors.right: parent.right
                anchors.verticalCenter: parent.verticalCenter
                anchors.leftMargin: Style.dp(40)
                anchors.rightMargin: Style.dp(36)
                columns: Style.portrait || Style.large ? 1 : 2
                columnSpacing: Style.dp(32)
                rowSpacing: Style.dp(20)
                ColumnLayout {
                    Layout.fillWidth: true
                    spacing: Style.dp(10)
                    Rectangle {
                        Layout.preferredWidth: Math.min(stage.implicitWidth + Style.dp(52), parent.width)
                        Layout.preferredHeight: stage.implicitHeight + Style.dp(16)
                        radius: height / 2
                        color: Style.toneTint(row.tone)
                        border.width: Style.dp(3)
                        border.color: Style.tone(row.tone)
                        Label { id: stage; anchors.centerIn: parent; text: row.spec.stage ?? ""; kind: "small"; font.weight: Font.Bold; color: Style.tone(row.tone); wrapMode: Text.NoWrap; Accessible.id: "request-stage-" + row.index }
                    }
                    Label { text: row.spec.title ?? ""; font.pixelSize: Style.sp(36); font.weight: Font.Bold; Layout.fillWidth: true }
                    Label { visible: text !== ""; text: row.spec.inForce ?? ""; Layout.fillWidth: true; color: Style.ok; font.weight: Font.Bold }
                    Label { visible: text !== ""; text: row.spec.reason ?? ""; Layout.fillWidth: true }
                    Label { text: (row.spec.recorded ?? "") + "  ·  " + (row.spec.reference ?? ""); kind: "small"; Layout.fillWidth: true }
                }
                GridLayout {
                    columns: Style.portrait && !Style.large ? 2 : 1
                    columnSpacing: Style.dp(24)
                    rowSpacing: Style.dp(20)
                    PushButton { spec: row.spec.confirm ?? ({}); Layout.fillWidth: true }
                    PushButton { spec: row.spec.stop ?? ({}); Layout.fillWidth: row.spec.confirm?.text !== undefined }
                }
            }
        }
    }
    Spring {}
}
