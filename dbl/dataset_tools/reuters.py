"""Reuters-21578 as Huang et al. (EMNLP 2021) split it: news, and 90 long-tailed topics."""

import html
import re
import tarfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dbl.dataset_tools.subset import take
from dbl.datasets.annotations import Annotations
from dbl.errors import InputError, shortened
from dbl.limits import check_most
from dbl.longtail import head_medium_tail
from dbl.out_of_memory import is_out_of_memory

NUM_FILES, NUM_CLASSES = 22, 90
NUM_TRAIN, NUM_VAL, NUM_TEST = 6769, 1000, 3019
# Their copy lacks one of the 7,770 training documents. Which one they do not say; without this one
# all statistics that they print come out.
LEFT_OUT = 1164
WHY_LEFT_OUT = 'as their copy lacks one; without this one, the statistics that they print come out'
SPLIT_SEED = 123
GROUPS = {'head': 35, 'tail': 9}  # head from 35 training documents, tail below 9
SIZES = {'head': 30, 'medium': 31, 'tail': 29}

_DOCUMENT = re.compile(r'<REUTERS ([^>]*)>(.*?)</REUTERS>', re.DOTALL)
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')
_NUMBER = re.compile('[0-9]{1,9}')
_TOPICS = re.compile(r'<TOPICS>(.*?)</TOPICS>', re.DOTALL)
_ITEM = re.compile(r'<D>(.*?)</D>')
_TITLE, _BODY = (re.compile(f'<{tag}>(.*?)</{tag}>', re.DOTALL) for tag in ('TITLE', 'BODY'))
_TEXT = re.compile(r'<TEXT[^>]*>(.*?)</TEXT>', re.DOTALL)
_TAG = re.compile(r'<[^>]*>')


@dataclass(frozen=True)
class Document:
    """A piece of news.

    Attributes:
        number: Its ``NEWID``.
        split: ``'TRAIN'``, ``'TEST'``, or another word for what is used in neither.
        topics: Its topics, each once.
        text: Title and body.
    """

    number: int
    split: str
    topics: list[str]
    text: str


def read_documents(root: Path) -> list[Document]:
    """Reads the documents with topics, from the archive or a folder of its files, by number.

    Raises:
        InputError: It is neither, or is damaged, or lacks a file.
    """
    try:
        files = dict(_files(root))
    except (InputError, PermissionError):
        raise
    except Exception as error:  # tarfile and what unpacks may raise anything on a damaged file
        if is_out_of_memory(error):
            raise
        raise InputError(
            f"'{root}' is damaged: {shortened(error)}; get the collection as it was distributed"
        ) from error
    if len(files) != NUM_FILES:
        raise InputError(
            f"'{root}' holds {len(files)} of the {NUM_FILES} files reut2-*.sgm; --root must be "
            'the archive reuters21578.tar.gz or .tar.xz, or the folder that it unpacks to'
        )
    found = [document for _, text in sorted(files.items()) for document in documents_in(text)]
    return sorted(found, key=lambda document: document.number)


def _files(root: Path) -> Iterator[tuple[str, str]]:
    if root.is_dir():
        for path in filter(Path.is_file, root.rglob('reut2-*.sgm')):  # to open a pipe would wait
            yield path.name, path.read_text(encoding='latin-1')
    elif root.is_file() and tarfile.is_tarfile(root):
        unpacked = 0
        with tarfile.open(root) as archive:  # nothing is unpacked onto the disk
            for member in archive:
                name = Path(member.name).name
                if member.isfile() and re.fullmatch(r'reut2-\d+\.sgm', name):
                    unpacked += member.size
                    what = f"the bytes that '{root}' unpacks to"
                    check_most('DBL_MAX_UNPACKED', unpacked, what)
                    file = archive.extractfile(member)
                    yield name, file.read().decode('latin-1') if file else ''


def documents_in(text: str) -> Iterator[Document]:
    """The documents with topics in the text of a file.

    >>> text = '<REUTERS TOPICS="YES" LEWISSPLIT="TRAIN" NEWID="5"><TOPICS><D>tin</D></TOPICS>'
    >>> text += '<TEXT><TITLE>TIN &lt;X></TITLE><BODY>It rose.</BODY></TEXT></REUTERS>'
    >>> next(documents_in(text))
    Document(number=5, split='TRAIN', topics=['tin'], text='TIN <X>\\nIt rose.')
    """
    for attributes, content in _DOCUMENT.findall(text):
        about = dict(_ATTRIBUTE.findall(attributes))
        topics = _TOPICS.search(content)
        number = _NUMBER.fullmatch(about.get('NEWID', ''))
        if about.get('TOPICS') == 'YES' and topics is not None and number is not None:
            names = list(dict.fromkeys(_ITEM.findall(topics[1])))
            yield Document(int(number[0]), about.get('LEWISSPLIT', ''), names, _text_of(content))


def _text_of(content: str) -> str:
    """Title and body. A document without a body, as a brief one, has its text whole."""
    title, body, whole = (pattern.search(content) for pattern in (_TITLE, _BODY, _TEXT))
    parts = [title[1] if title else '']
    parts.append(body[1] if body else _TAG.sub(' ', _TITLE.sub('', whole[1])) if whole else '')
    text = html.unescape('\n'.join(parts))
    return re.sub(r'[\x00-\x08\x0b-\x1f\x7f]', '', text).strip()


def split_documents(documents: Sequence[Document]) -> dict[str, list[Document]]:
    """Splits the documents that have one of the 90 topics for training, validation and test.

    Raises:
        InputError: A count is another than the protocol's.
    """
    from sklearn.model_selection import train_test_split  # slow to import

    kept = [document for document in documents if document.number != LEFT_OUT]
    classes = {*classes_of(documents)}
    train, test = (
        [d for d in kept if d.split == split and classes & {*d.topics}]
        for split in ('TRAIN', 'TEST')
    )
    _check(len(classes), NUM_CLASSES, 'topics')
    _check(len(train), NUM_TRAIN + NUM_VAL, 'training documents')
    _check(len(test), NUM_TEST, 'test documents')
    train, val = train_test_split(train, random_state=SPLIT_SEED, test_size=NUM_VAL)
    return {'train': train, 'val': val, 'test': test}


def _check(found: int, expected: int, what: str) -> None:
    if found != expected:
        raise InputError(
            f'expected {expected:,} {what}, as Distribution 1.0 of Reuters-21578 has, but found '
            f'{found:,}; get the collection as it was distributed'
        )


def classes_of(documents: Sequence[Document]) -> list[str]:
    """The topics that a training document and a test document have, ascending."""
    of = {
        split: {topic for d in documents if d.split == split for topic in d.topics}
        for split in ('TRAIN', 'TEST')
    }
    return sorted(of['TRAIN'] & of['TEST'])


def path_of(document: Document) -> str:
    """Where the text of a document is written to."""
    return f'texts/{document.number}.txt'


def write_texts(out: Path, documents: Iterable[Document]) -> None:
    """Writes the text of each document to a file of its own, under a folder.

    Raises:
        InputError: Texts are there that belong to no set that was built there.
    """
    texts = out / 'texts'
    if texts.exists() and not (out / 'train.json').exists():
        raise InputError(f"'{texts}' is there already; delete it, or choose another --out")
    texts.mkdir(exist_ok=True)
    for document in documents:
        (out / path_of(document)).write_text(document.text, encoding='utf-8')


def annotations_of(
    splits: dict[str, list[Document]], classes: Sequence[str]
) -> dict[str, Annotations]:
    """The labels of each split; a document is named by the path of its text."""
    index = {name: c for c, name in enumerate(classes)}
    found = {}
    for name, documents in splits.items():
        rows = [sorted(index[t] for t in d.topics if t in index) for d in documents]
        paths = [path_of(document) for document in documents]
        whole = Annotations(list(classes), paths, rows, {'from': 'Reuters-21578'})
        found[name] = take(whole, range(len(whole)), {'subset': f'{name} of Huang et al. 2021'})
    return found


def groups_of(train: Annotations) -> dict[str, list[int]]:
    """The classes that are head, medium, and tail, by the protocol's limits.

    Raises:
        InputError: A group has another size than the protocol's.
    """
    groups = head_medium_tail(train.class_freq, **GROUPS)
    for name, members in groups.items():
        _check(len(members), SIZES[name], f'{name} classes')
    return groups
