pragma ComponentBehavior: Bound
import QtQuick
import Kiosk.Controls

// The button of a row or block that has one; nothing is made where there is none.
Loader {
    id: loader
    property var spec: ({})
    property bool slim: false
    readonly property real natural: (item as PushButton)?.implicitWidth ?? 0
    readonly property real wanted: (item as PushButton)?.implicitHeight ?? 0
    active: (spec?.text ?? "") !== ""
    visible: active
    sourceComponent: PushButton { spec: loader.spec ?? ({}); slim: loader.slim; kind: loader.slim ? "small" : "body" }
}
