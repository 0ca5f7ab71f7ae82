using Fovea.Models.Graph;

namespace Fovea.Models;

public sealed partial class ImageModel
{
    /// <summary>
    /// The same network with other nodes, which make the same values. It shares the weights, lives as long as this one and need not be
    /// disposed.
    /// </summary>
    internal ImageModel Rewritten(Func<GraphNode, GraphNode> rewrite) => new(this, Graph.Rewrite(rewrite));
}
