using Fovea.Explorer.Contents;
using Fovea.Explorer.Jobs;
using Fovea.Explorer.Server;

namespace Fovea.Explorer.Accuracy;

/// <summary>Orders of accuracies: one at a time, since each takes all of the processor that others leave.</summary>
internal sealed class AccuracyQueue(ExplorerContext context) : OrderQueue<AccuracyOrder>(context)
{
    protected override int MostWaiting => 8;

    protected override string Work => "measures nothing anew";

    protected override string Things => "measurements";

    protected override void Check(AccuracyOrder order, RunContents run) => order.Stamped(run);
}
