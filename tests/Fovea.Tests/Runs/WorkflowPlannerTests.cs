using Fovea.Runs;
using Xunit;

namespace Fovea.Tests.Runs;

public sealed class WorkflowPlannerTests
{
    /// <summary>
    /// A path without any existing folder above it, as of a drive that is not there: nothing stands above a relative name.
    /// </summary>
    [Fact(Timeout = 10_000)]
    public Task Free_space_of_a_place_that_does_not_exist_is_not_searched_for_ever() => Task.Run(() =>
    {
        Assert.Null(WorkflowPlanner.FreeBytes("no-such-drive"));
        Assert.Null(WorkflowPlanner.FreeBytes(""));
        Assert.True(WorkflowPlanner.FreeBytes(Path.Combine(Path.GetTempPath(), "not", "there", "yet")) > 0);
    }, TestContext.Current.CancellationToken);
}
