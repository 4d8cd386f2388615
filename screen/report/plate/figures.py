"""Every picture of measured plates by the name of its file: what the page shows, what `herscreen figures` writes and
what notebooks draw are the same objects."""

from screen.errors import InputError
from screen.report.figures.file_name import file_name
from screen.report.plate.pictures.alone import alone_picture
from screen.report.plate.pictures.beside import beside_pictures
from screen.report.plate.pictures.isobole import isobole_picture
from screen.report.plate.pictures.overview import overview_pictures
from screen.report.plate.pictures.picture import Picture, Pictures
from screen.report.plate.pictures.relief import relief_picture
from screen.report.plate.pictures.response import excess_pictures, response_pictures
from screen.report.plate.pictures.slices import slices_picture
from screen.report.plate.view import BlockView, PlateView


def block_pictures(view: BlockView, main: str) -> list[Picture]:
    """The pictures of a block in the order of the page; the relief is coloured by the model `main` first."""
    if not view.cells and not view.layers:
        return response_pictures(view)
    made = [*response_pictures(view), *excess_pictures(view)]
    models = [main, *(model for model in view.models if model != main)]
    rest = (relief_picture(view, models), alone_picture(view), slices_picture(view), isobole_picture(view))
    return [*made, *(one for one in rest if one is not None)]


def plate_pictures(plates: PlateView, most: int | None = None) -> Pictures:
    """The overview, and every picture of the `most` blocks with the largest excess over the main model (None: all),
    by `overview-<model>` and `<block>_<drugs>-<picture>`."""
    found = {one.name: one for one in overview_pictures(plates)}
    for view in plates.ranked()[:most]:
        name = file_name(f"{view.block.name} {'+'.join(view.drugs)}")
        found |= {
            f"{name}-{one.name}": one for one in (*block_pictures(view, plates.main), *beside_pictures(view))
        }
    return Pictures(found)


def overview_picture(plates: PlateView) -> Picture:
    """The picture that says most of a file: synergy against efficacy, or of a single block its excess, else its
    response. Raises `InputError` where there is nothing to draw."""
    found = [one for one in overview_pictures(plates) if one.model == plates.main]
    for view in plates.blocks:
        drawn = block_pictures(view, plates.main)
        found += [one for one in drawn if one.model == plates.main] or drawn
    if not found:
        raise InputError(f"{plates.name}: no block has a well to draw")
    return found[0]
