import QtQuick
import Kiosk.Style

Image {
    id: icon
    property string name
    property color tone: Style.text
    property real size: Style.dp(48)
    property string stroke: "2"
    width: size
    height: size
    sourceSize: Qt.size(size, size)
    source: name !== "" ? "image://icon/" + name + "/" + String(tone).slice(1) + "/" + stroke : ""
    mirror: Style.rightToLeft && (name.startsWith("arrow-left") || name.startsWith("arrow-right") || name.startsWith("chevron") || name === "log-out")
    Accessible.ignored: true
}
