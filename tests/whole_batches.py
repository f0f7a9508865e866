"""Batches as a GPU gets them, without one."""


def leave_to_device(dataset, config):
    """Has whole batches finished after the loader, which else only a GPU does."""
    if not dataset.batch_pipeline:
        mark = len(config.train_dataloader.dataset.pipeline)
        dataset.batch_pipeline = dataset.pipeline[mark:]
        dataset.pipeline = dataset.pipeline[:mark]
