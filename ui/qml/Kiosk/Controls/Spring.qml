import QtQuick
import QtQuick.Layouts

// Takes what is left, asks for nothing. (An item without an implicit size would ask for the size it has: layouts
// would keep every height that they once gave.)
Item {
    implicitWidth: 1
    implicitHeight: 1
    Layout.fillHeight: true
    Layout.preferredHeight: 1
}
