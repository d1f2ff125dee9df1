pragma ComponentBehavior: Bound
import QtQuick
import QtQuick.Layouts
import Kiosk.Style
import Kiosk.Controls

// What was done, what happens next and when; the reference, large, whatever the paper does.
Frame {
    id: screen
    property var f: ({})
    readonly property string tone: f.tone ?? "info"
    actions: f.actions ?? []
    Accessible.id: "page-receipt"
    Accessible.name: f.title ?? ""
    RowLayout {
        Layout.fillWidth: true
        spacing: Style.dp(36)
        Rectangle {
            Layout.preferredWidth: Style.dp(150)
            Layout.preferredHeight: Style.dp(150)
            Layout.alignment: Qt.AlignTop
            radius: width / 2
            color: Style.toneTint(screen.tone)
            border.width: Style.highContrast ? Style.dp(4) : 0
            border.color: Style.tone(screen.tone)
            Icon { anchors.centerIn: parent; name: screen.tone === "ok" ? "check" : screen.tone === "bad" ? "x" : "clock"; tone: Style.tone(screen.tone); size: Style.dp(92) }
        }
        ColumnLayout {
            Layout.fillWidth: true
            spacing: Style.dp(16)
            Label { text: screen.f.title ?? ""; kind: "h1"; Layout.fillWidth: true; Accessible.id: "receipt-title" }
            Label { text: screen.f.text ?? ""; Layout.fillWidth: true; Accessible.id: "receipt-text" }
        }
    }
    GridLayout {
        Layout.fillWidth: true
        columns: Style.portrait ? 1 : 2
        columnSpacing: Style.dp(28)
        rowSpacing: Style.gap
        Repeater {
            model: screen.f.dates ?? []
            Rectangle {
                id: dateBox
                required property var modelData
                Layout.fillWidth: true
                Layout.preferredWidth: 1
                Layout.fillHeight: !Style.portrait
                implicitHeight: dates.implicitHeight + Style.dp(56)
                radius: Style.radius
                color: Style.okTint
                border.width: Style.highContrast ? Style.dp(3) : 0
                border.color: Style.ok
                RowLayout {
                    id: dates
                    anchors.left: parent.left
                    anchors.right: parent.right
                    anchors.verticalCenter: parent.verticalCenter
                    anchors.margins: Style.dp(32)
                    spacing: Style.dp(28)
                    Icon { name: "calendar-check"; tone: Style.ok; size: Style.dp(84) }
                    ColumnLayout {
                        Layout.fillWidth: true
                        spacing: Style.dp(4)
                        Label { text: dateBox.modelData.label; kind: "small"; color: Style.text; Layout.fillWidth: true }
                        Label { text: dateBox.modelData.date; kind: "h2"; Layout.fillWidth: true; Accessible.id: "first-payment" }
                    }
                }
            }
        }
        Rectangle {
            Layout.fillWidth: true
            Layout.preferredWidth: 1
            Layout.fillHeight: !Style.portrait
            implicitHeight: reference.implicitHeight + Style.dp(56)
            radius: Style.radius
            color: Style.surface
            border.width: Style.dp(4)
            border.color: Style.primary
            ColumnLayout {
                id: reference
                anchors.left: parent.left
                anchors.right: parent.right
                anchors.verticalCenter: parent.verticalCenter
                anchors.margins: Style.dp(32)
                Label { text: screen.f.referenceLabel ?? ""; kind: "small"; Layout.fillWidth: true }
                Label { text: screen.f.reference ?? ""; Layout.fillWidth: true; font.pixelSize: Style.sp(56); font.weight: Font.Bold; font.letterSpacing: Style.dp(3); fontSizeMode: Text.HorizontalFit; minimumPixelSize: Style.dp(40); wrapMode: Text.NoWrap; Accessible.id: "reference" }
            }
        }
    }
    Notice { Layout.fillWidth: true; text: screen.f.paper ?? ""; tone: screen.f.paperBad ? "bad" : "info"; icon: screen.f.paperBad ? "circle-alert" : "printer"; accessibleId: "receipt-paper" }
    Notice { Layout.fillWidth: true; text: screen.f.takeCard ?? ""; icon: "credit-card" }
    Item { Layout.fillHeight: true }
}
