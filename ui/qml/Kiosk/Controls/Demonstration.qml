import QtQuick
import Kiosk.Style

// Never absent where nothing is real.
Rectangle {
    id: strip
    property string text
    property string times
    height: visible ? Style.dp(54) : 0
    visible: text !== ""
    color: Style.highContrast ? "#ffe14d" : "#ffcf6b"
    Label {
        anchors.centerIn: parent
        width: parent.width - 2 * Style.pad
        horizontalAlignment: Text.AlignHCenter
        text: strip.times !== "" ? strip.text + " · " + strip.times : strip.text
        color: "#2b1f00"
        font.pixelSize: Style.upTo(28, 36)
        font.weight: Font.Bold
        wrapMode: Text.NoWrap
        fontSizeMode: Text.HorizontalFit
        minimumPixelSize: Style.dp(16)
        Accessible.id: "demonstration"
    }
}
