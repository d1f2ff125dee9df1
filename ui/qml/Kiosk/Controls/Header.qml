import QtQuick
import QtQuick.Layouts
import Kiosk.Style

// Whose terminal this is, the way out of the visit, the time; below it what must always be said.
Rectangle {
    id: bar
    property var chrome: ({})
    property string clock
    readonly property bool together: !Style.portrait && (chrome.joined ?? "") !== "" && (chrome.offline ?? "") !== ""   // one line on a low screen
    component Leave: PushButton {   // whoever helps goes, without ending the visit
        required property bool offered
        anchors.verticalCenter: parent.verticalCenter
        anchors.right: parent.right
        anchors.rightMargin: Style.pad
        width: Math.min(implicitWidth, parent.width / 3)
        visible: offered && (bar.chrome.leave ?? "") !== ""
        spec: ({ id: "staff-leaves", text: bar.chrome.leave ?? "", act: "staff_leaves", argument: "", variant: "secondary", icon: "log-out" })
        slim: true
        pixels: Style.upTo(26, 34)
    }
    implicitHeight: strip.y + strip.height + staff.height + line.height
    color: Style.bar
    RowLayout {
        id: top
        anchors.left: parent.left
        anchors.right: parent.right
        anchors.top: parent.top
        anchors.leftMargin: Style.pad
        anchors.rightMargin: Style.pad
        height: Style.dp(Style.portrait ? 136 : 112)
        spacing: Style.dp(24)
        Rectangle {
            Layout.preferredWidth: Style.dp(80)
            Layout.preferredHeight: Style.dp(80)
            radius: Style.dp(22)
            color: Style.highContrast ? "#ffe14d" : "#ffffff"
            Icon { anchors.centerIn: parent; name: "heart-handshake"; tone: Style.highContrast ? "#000000" : "#0b4a6f"; size: Style.dp(54) }
        }
        ColumnLayout {
            spacing: 0
            Layout.fillWidth: true
            Label {
                text: bar.chrome.office ?? ""
                color: Style.barInk
                font.pixelSize: Style.dp(34)
                font.weight: Font.Bold
                Layout.fillWidth: true
                Layout.maximumHeight: Style.dp(72)
                fontSizeMode: Text.Fit
                minimumPixelSize: Style.dp(24)
                maximumLineCount: 2
                lineHeight: 0.92
            }
            Label {
                text: bar.chrome.place ?? ""
                color: Style.barMuted
                font.pixelSize: Style.dp(26)
                Layout.fillWidth: true
                wrapMode: Text.NoWrap
                fontSizeMode: Text.HorizontalFit
                minimumPixelSize: Style.dp(18)
            }
        }
        PushButton {
            spec: ({ id: "end-session", text: bar.chrome.end ?? "", act: "end", argument: "", variant: "inverse", icon: "log-out" })
            slim: true
            pixels: Style.upTo(28, 38)
            Layout.maximumWidth: Style.dp(Style.portrait ? 330 : 520)
            Layout.maximumHeight: parent.height - Style.dp(12)
        }
        Label { text: bar.clock; color: Style.barInk; font.pixelSize: Style.dp(44); font.weight: Font.Bold; wrapMode: Text.NoWrap; Accessible.id: "clock" }
    }
    Demonstration {
        id: strip
        y: top.height
        width: parent.width
        text: bar.chrome.demonstration ?? ""
        times: bar.chrome.shortTimes ?? ""
        practice: bar.chrome.practice ?? false
    }
    Rectangle {   // who else is here
        id: staff
        y: strip.y + strip.height
        width: parent.width
        readonly property bool shown: (bar.chrome.joined ?? "") !== "" && !bar.together
        visible: shown
        height: shown ? Math.max(helper.implicitHeight, leave.visible ? leave.implicitHeight : 0) + Style.dp(24) : 0
        color: Style.tint
        Rectangle { anchors.bottom: parent.bottom; width: parent.width; height: Style.dp(3); color: Style.primary }
        Label {
            id: helper
            anchors.verticalCenter: parent.verticalCenter
            anchors.left: parent.left
            anchors.leftMargin: Style.pad
            width: parent.width - 2 * Style.pad - (leave.visible ? leave.width + Style.pad : 0)
            horizontalAlignment: leave.visible ? Text.AlignLeft : Text.AlignHCenter
            font.pixelSize: Style.upTo(30, 44)
            font.weight: Font.Bold
            color: Style.primary
            text: bar.chrome.joined ?? ""
            Accessible.id: "joined"
        }
        Leave { id: leave; offered: staff.shown }
    }
    Rectangle {
        id: line
        anchors.bottom: parent.bottom
        width: parent.width
        readonly property bool shown: (bar.chrome.offline ?? "") !== ""
        visible: shown
        height: shown ? Math.max(offline.implicitHeight, gone.visible ? gone.implicitHeight : 0) + Style.dp(28) : 0
        color: Style.warnTint
        Rectangle { anchors.bottom: parent.bottom; width: parent.width; height: Style.dp(3); color: Style.warn }
        Label {
            id: offline
            anchors.verticalCenter: parent.verticalCenter
            anchors.left: parent.left
            anchors.leftMargin: Style.pad
            width: parent.width - 2 * Style.pad - (gone.visible ? gone.width + Style.pad : 0)
            horizontalAlignment: gone.visible ? Text.AlignLeft : Text.AlignHCenter
            font.pixelSize: Style.upTo(30, 44)
            color: Style.warn
            font.weight: Font.Bold
            text: bar.together ? bar.chrome.joined + " · " + bar.chrome.offline : bar.chrome.offline ?? ""
            Accessible.id: "offline"
        }
        Leave { id: gone; offered: bar.together }
    }
}
