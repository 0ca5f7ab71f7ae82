using Fovea.Datasets;
using Fovea.Models;

namespace Fovea.Activations;

/// <summary>The short way from a network and images to stored vectors; <see cref="Harvester"/> is the long one.</summary>
public static class ModelHarvest
{
    /// <summary>Harvests one layer on all images, or goes on with a harvest that was interrupted, and opens what was stored.</summary>
    /// <param name="model">The network; put into evaluation mode, its weights frozen.</param>
    /// <param name="images">The images, all of which are read; <see cref="SubsetSource"/> takes some of them.</param>
    /// <param name="layer">A layer of the network (<see cref="ImageModel.LayerNames"/>).</param>
    /// <param name="folder">Gets a folder of the layer's name.</param>
    /// <param name="options">Filters, batch, share held out; null: the defaults. Its layers are not looked at.</param>
    /// <param name="progress">Reported to after each batch.</param>
    /// <param name="cancellation">Stops after the current batch; finished shards stay.</param>
    /// <exception cref="FoveaException">There is no such layer, too many images are damaged, or the folder holds another
    /// harvest.</exception>
    public static ActivationStore Harvest(
        this ImageModel model, IImageSource images, string layer, string folder, HarvestOptions? options = null,
        IProgress<HarvestProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(images);
        options = (options ?? new HarvestOptions { Layers = [] }) with { Layers = [layer] };
        new Harvester(model, images, options).Run([.. Enumerable.Range(0, images.Count)], folder, progress, cancellation);
        return ActivationStore.Open(IO.SafeName.Combine(folder, layer));
    }
}
