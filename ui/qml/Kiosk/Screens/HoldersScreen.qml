pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Kiosk.Style
import Kiosk.Controls

// Which offices' terminals keep the person's record, and why: to be read, nothing to do.
Frame {
    id: screen
    property var f: ({})
    readonly property var rows: f.rows ?? []
    title: f.title ?? ""
    lead: f.text ?? ""
    actions: [f.back ?? {}]
    Accessible.id: "page-holders"
    Notice { Layout.fillWidth: true; text: screen.f.empty ?? ""; accessibleId: "holders-empty" }
    Repeater {
        model: screen.rows.length
        Rectangle {
            id: row
            required property int index
            readonly property var spec: screen.rows[index] ?? ({})
            readonly property var reasons: spec.reasons ?? []
            Layout.fillWidth: true
            implicitHeight: inside.implicitHeight + Style.dp(64)
            radius: Style.radius
            color: Style.surface
            border.width: Style.dp(2)
            border.color: Style.line
            RowLayout {
                id: inside
                anchors.left: parent.left
                anchors.right: parent.right
                anchors.verticalCenter: parent.verticalCenter
                anchors.leftMargin: Style.dp(36)
                anchors.rightMargin: Style.dp(36)
                spacing: Style.dp(28)
                Icon { name: "map-pin"; tone: Style.primary; size: Style.upTo(52, 76); Layout.alignment: Qt.AlignTop }
                ColumnLayout {
                    Layout.fillWidth: true
                    spacing: Style.dp(10)
                    Label { text: row.spec.office ?? ""; font.pixelSize: Style.sp(36); font.weight: Font.Bold; Layout.fillWidth: true; Accessible.id: "holder-" + row.index }
                    Repeater {
                        model: row.reasons.length
                        Label {
                            required property int index
                            text: row.reasons[index] ?? ""
                            Layout.fillWidth: true
                        }
                    }
                }
            }
        }
    }
    Spring {}
}
