using Fovea.Cli.Terminal;
using Xunit;

namespace Fovea.Cli.Tests.Memory;

public sealed class AddressSpaceTests
{
    private const string Before = "Limit                     Soft Limit           Hard Limit           Units     \nMax open files            1024                 4096                 files     \n";

    [Theory]
    [InlineData("Max address space         unlimited            unlimited            bytes     ", null)]
    [InlineData("Max address space         2000000000           unlimited            bytes     ", 2_000_000_000L)]
    [InlineData("Max address space         2000000000           4000000000           bytes     ", 2_000_000_000L)]
    [InlineData("Max processes             12                   12                   processes ", null)]
    public void The_limit_is_the_one_that_holds(string line, long? expected) =>
        Assert.Equal(expected, AddressSpace.LimitIn(Before + line + "\n"));
}
