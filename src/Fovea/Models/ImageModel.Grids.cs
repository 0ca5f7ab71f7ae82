using Fovea.Models.Graph;

namespace Fovea.Models;

public sealed partial class ImageModel
{
    /// <summary>A sentence where a grid of tokens was told and the network's operations say another; null: they do not.</summary>
    public string? TokensNote { get; private set; }

    /// <summary>The graph with grids in the place of tokens and channels that come last, found by a pass of zeros.</summary>
    private NetworkGraph WithGrids()
    {
        if (!GridRewrite.MayApply(Graph)) return Graph;
        (int height, int width) = Preprocessing.OutputSize;
        long[]?[] sizes;
        try
        {
            sizes = Sizes(height, width);
        }
        catch (Exception e) when (e is not OperationCanceledException && !Shortage.Is(e))
        {
            // Images of this size do not go through it, which whoever runs it is told.
            return Graph;
        }
        NetworkGraph made = GridRewrite.Apply(Graph, sizes, out string? otherwise);
        TokensNote = otherwise;
        return made;
    }
}
