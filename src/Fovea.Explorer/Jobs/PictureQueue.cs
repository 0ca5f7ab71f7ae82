using Fovea.Explorer.Contents;
using Fovea.Explorer.Server;

namespace Fovea.Explorer.Jobs;

/// <summary>Orders of pictures: one at a time, since the run folder admits one writer.</summary>
internal sealed class PictureQueue(ExplorerContext context) : OrderQueue<PictureOrder>(context)
{
    /// <summary>Most orders that wait.</summary>
    public const int Most = 32;

    protected override int MostWaiting => Most;

    protected override string Work => "makes no pictures";

    protected override string Things => "pictures";

    protected override void Check(PictureOrder order, RunContents run) => order.Check(run);
}
