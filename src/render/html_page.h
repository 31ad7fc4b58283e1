/* html_page.h: the page without its data; scripts/bundle_page.py makes the definitions from src/render/html/. */
#ifndef MT_RENDER_HTML_PAGE_H
#define MT_RENDER_HTML_PAGE_H

#include <stddef.h>

extern const unsigned char html_page_before[], html_page_after[];
extern const size_t html_page_before_size, html_page_after_size;

#endif
