using Fovea.Datasets;
using Fovea.Imaging;

namespace Fovea.Models;

/// <summary>A network with what is needed to use it.</summary>
/// <param name="Network">The network, in evaluation mode; disposed with this.</param>
/// <param name="Classes">Its classes in the order of its outputs.</param>
/// <param name="Preprocessing">What images go through first.</param>
public sealed record LoadedModel(Network Network, ClassList Classes, Preprocessing Preprocessing) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Network.Dispose();
}
