import QtQuick

// Some rows of a block; `start` is the number of the first.
Column {
    property int start: 0
}
