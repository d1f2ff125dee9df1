pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Style

// The pad below the screen, with a hand over it: digits are typed there, never here.
Item {
    id: picture
    property string description
    implicitWidth: Style.dp(560)
    implicitHeight: Style.dp(520)
    Accessible.role: Accessible.Graphic
    Accessible.name: description
    LayoutMirroring.enabled: false
    LayoutMirroring.childrenInherit: true
    readonly property real unit: Math.min(width / 560, height / 520)
    Rectangle {
        anchors.centerIn: parent
        width: 560 * picture.unit
        height: 520 * picture.unit
        radius: 40 * picture.unit
        color: Style.highContrast ? "#000000" : "#24384a"
        border.width: Style.highContrast ? 4 * picture.unit : 0
        border.color: "#ffffff"
        Grid {
            anchors.centerIn: parent
            columns: 4
            spacing: 18 * picture.unit
            Repeater {
                model: ["1", "2", "3", "x", "4", "5", "6", "<", "7", "8", "9", "", "", "0", "", "ok"]
                Rectangle {
                    id: key
                    required property string modelData
                    readonly property bool colour: modelData === "x" || modelData === "<" || modelData === "ok"
                    width: 108 * picture.unit
                    height: 96 * picture.unit
                    radius: 16 * picture.unit
                    color: modelData === "x" ? "#c62828" : modelData === "<" ? "#f2b705" : modelData === "ok" ? "#1d8a4a" : modelData === "" ? "transparent" : "#eef3f7"
                    Label { anchors.centerIn: parent; visible: !key.colour; text: key.modelData; font.pixelSize: 46 * picture.unit; font.weight: Font.Bold; color: "#13212c"; Accessible.ignored: true }
                    Icon { anchors.centerIn: parent; visible: key.colour; name: key.modelData === "x" ? "x" : key.modelData === "<" ? "delete" : key.modelData === "ok" ? "check" : ""; tone: key.modelData === "<" ? "#13212c" : "#ffffff"; size: 54 * picture.unit; stroke: "3" }
                }
            }
        }
        Icon { x: parent.width - width * 0.72; y: parent.height - height * 0.62; name: "hand"; tone: Style.highContrast ? "#ffe14d" : "#ffcf6b"; size: 230 * picture.unit; stroke: "1.5" }
    }
}
