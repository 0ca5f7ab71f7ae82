namespace Fovea.Visualization;

/// <summary>Where a rendering is.</summary>
/// <param name="Finished">Pictures finished in earlier batches.</param>
/// <param name="Pictures">Pictures in all.</param>
/// <param name="Batch">Pictures being made together now.</param>
/// <param name="Step">Steps these have behind them.</param>
/// <param name="Steps">Steps they need.</param>
public sealed record RenderProgress(int Finished, int Pictures, int Batch, int Step, int Steps)
{
    /// <summary>Steps times pictures that are done.</summary>
    public long Done => (long)Finished * Steps + (long)Batch * Step;

    /// <summary>Steps times pictures in all.</summary>
    public long Total => (long)Pictures * Steps;
}
