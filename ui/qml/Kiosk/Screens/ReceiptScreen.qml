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
    readonly property var dates: f.dates ?? []
    actions: f.actions ?? []
    announcement: f.title ?? ""
    Accessible.id: "page-receipt"
    Accessible.name: f.title ?? ""
    GridLayout {
        Layout.fillWidth: true
        columns: Style.large && Style.portrait ? 1 : 2
        columnSpacing: Style.dp(36)
        rowSpacing: Style.dp(20)
        Rectangle {
            Layout.preferredWidth: Style.dp(Style.large ? 120 : 148)
            Layout.preferredHeight: Layout.preferredWidth
            Layout.alignment: Qt.AlignTop
            radius: width / 2
            color: Style.toneTint(screen.tone)
            border.width: Style.highContrast ? Style.dp(4) : 0
            border.color: Style.tone(screen.tone)
            Icon { anchors.centerIn: parent; name: screen.tone === "ok" ? "check" : screen.tone === "bad" ? "x" : "clock"; tone: Style.tone(screen.tone); size: parent.width * 0.6 }
        }
        ColumnLayout {
            Layout.fillWidth: true
            Layout.alignment: Qt.AlignVCenter
            spacing: Style.dp(12)
            Label { text: screen.f.title ?? ""; kind: "h1"; Layout.fillWidth: true; Accessible.id: "receipt-title" }
            Label { text: screen.f.text ?? ""; Layout.fillWidth: true; Accessible.id: "receipt-text" }
        }
    }
    GridLayout {
        Layout.fillWidth: true
        Layout.fillHeight: false
        columns: Style.portrait || Style.large ? 1 : 2
        columnSpacing: Style.dp(28)
        rowSpacing: Style.gap
        Repeater {
            model: screen.dates.length
            Rectangle {
                id: dateBox
                required property int index
                readonly property var spec: screen.dates[index] ?? ({})
                Layout.fillWidth: true
                Layout.preferredWidth: 1
                Layout.fillHeight: !Style.portrait
                implicitHeight: date.implicitHeight + Style.dp(56)
                radius: Style.radius
                color: Style.okTint
                border.width: Style.highContrast ? Style.dp(3) : 0
                border.color: Style.ok
                RowLayout {
                    id: date
                    anchors.left: parent.left
                    anchors.right: parent.right
                    anchors.verticalCenter: parent.verticalCenter
                    anchors.margins: Style.dp(32)
                    spacing: Style.dp(28)
                    Icon { name: "calendar-check"; tone: Style.ok; size: Style.dp(84) }
                    ColumnLayout {
                        Layout.fillWidth: true
                        spacing: Style.dp(4)
                        Label { text: dateBox.spec.label ?? ""; kind: "small"; color: Style.text; Layout.fillWidth: true }
                        Label { text: dateBox.spec.date ?? ""; kind: "h2"; Layout.fillWidth: true; Accessible.id: dateBox.spec.id ?? "" }
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
            RowLayout {
                id: reference
                anchors.left: parent.left
                anchors.right: parent.right
                anchors.verticalCenter: parent.verticalCenter
                anchors.margins: Style.dp(32)
                spacing: Style.dp(28)
                Icon { visible: !Style.large; name: "ticket"; tone: Style.primary; size: Style.dp(84) }
                ColumnLayout {
                    Layout.fillWidth: true
                    spacing: Style.dp(4)
                    Label { text: screen.f.referenceLabel ?? ""; kind: "small"; color: Style.text; Layout.fillWidth: true }
                    Label { text: screen.f.reference ?? ""; Layout.fillWidth: true; font.pixelSize: Style.upTo(60, 100); font.weight: Font.Bold; font.letterSpacing: Style.dp(3); fontSizeMode: Text.HorizontalFit; minimumPixelSize: Style.dp(44); wrapMode: Text.NoWrap; Accessible.id: "reference" }
                }
            }
        }
    }
    Notice { Layout.fillWidth: true; text: screen.f.paper ?? ""; tone: screen.f.paperBad ? "bad" : "info"; icon: screen.f.paperBad ? "circle-alert" : "printer"; accessibleId: "receipt-paper" }
    Notice { Layout.fillWidth: true; text: screen.f.document ?? ""; tone: screen.f.documentBad ? "bad" : "info"; icon: screen.f.documentBad ? "circle-alert" : "file-text"; accessibleId: "receipt-document" }
    PushButton { spec: screen.f.documentAgain ?? ({}); slim: true; Layout.fillWidth: Style.portrait }
    Notice { Layout.fillWidth: true; text: screen.f.takeCard ?? ""; icon: "credit-card"; accessibleId: "receipt-card" }
    PushButton { spec: screen.f.how ?? ({}); slim: true; Layout.fillWidth: Style.portrait }
    Spring {}
}
