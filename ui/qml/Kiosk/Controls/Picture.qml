import QtQuick
import Kiosk.Style

// A drawing of ours, in the colours of the screen.
Image {
    required property string name
    sourceSize: Qt.size(Math.max(1, Math.round(width)), Math.max(1, Math.round(height)))
    source: width > 1 && height > 1 ? "image://picture/" + name + "/" + (Style.highContrast ? "contrast" : "plain") : ""
    Accessible.ignored: true
}
