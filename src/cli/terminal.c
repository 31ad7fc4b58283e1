#include "cli/terminal.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

bool terminal_moves(int fd)
{
    const char *term = getenv("TERM");
    return term && *term && strcmp(term, "dumb") != 0 && isatty(fd);
}

bool terminal_size(int fd, unsigned *rows, unsigned *columns)
{
    struct winsize size;
    if (ioctl(fd, TIOCGWINSZ, &size) != 0 || !size.ws_row || !size.ws_col)
        return false;
    *rows = size.ws_row;
    *columns = size.ws_col;
    return true;
}

unsigned terminal_columns(FILE *stream)
{
    const char *text = getenv("COLUMNS");
    unsigned rows, columns;
    if (!isatty(fileno(stream)))
        return 0;
    unsigned long said = text ? strtoul(text, NULL, 10) : 0;
    if (said > 0 && said < 10000)
        return (unsigned)said;
    return terminal_size(fileno(stream), &rows, &columns) ? columns : 0;
}

bool terminal_colour(enum colour_choice choice, FILE *stream)
{
    if (choice != COLOUR_AUTO)
        return choice == COLOUR_ALWAYS;
    const char *none = getenv("NO_COLOR");
    return !(none && *none) && terminal_moves(fileno(stream));
}
