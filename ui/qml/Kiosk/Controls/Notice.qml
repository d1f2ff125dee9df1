import QtQuick
import QtQuick.Layouts
import Kiosk.Style

// A sentence in a tinted box with its icon.
Rectangle {
    id: notice
    property string text: ""
    property string title: ""
    property string icon: "info"
    property string tone: "info"
    property string accessibleId: ""
    visible: text !== "" || title !== ""
    implicitHeight: row.implicitHeight + Style.dp(Style.portrait ? 48 : 36)
    radius: Style.radius
    color: Style.toneTint(tone)
    border.width: Style.highContrast || tone === "bad" ? Style.dp(3) : 0
    border.color: Style.tone(tone)
    Accessible.role: tone === "bad" ? Accessible.AlertMessage : Accessible.StaticText
    Accessible.name: title !== "" && text !== "" ? title + ". " + text : title + text
    Accessible.id: accessibleId
    RowLayout {
        id: row
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.verticalCenter: parent.verticalCenter
        anchors.margins: Style.dp(30)
        spacing: Style.dp(24)
        Icon { name: notice.icon; tone: Style.tone(notice.tone); size: Style.upTo(52, 76); Layout.alignment: Qt.AlignTop }
        ColumnLayout {
            Layout.fillWidth: true
            Layout.alignment: Qt.AlignVCenter
            spacing: Style.dp(6)
            Label { visible: text !== ""; text: notice.title; Layout.fillWidth: true; font.weight: Font.Bold; color: Style.tone(notice.tone); Accessible.ignored: true }
            Label { visible: text !== ""; text: notice.text; Layout.fillWidth: true; color: Style.highContrast || notice.tone === "info" ? Style.text : Style.tone(notice.tone); Accessible.ignored: true }
        }
    }
}
