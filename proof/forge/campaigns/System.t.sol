// SPDX-License-Identifier: MIT
pragma solidity ^0.8.28;

import {Scene} from "../base/Scene.sol";
import {AlpHandler} from "../handlers/AlpHandler.sol";
import {GovernanceHandler} from "../handlers/GovernanceHandler.sol";
import {PredictionHandler} from "../handlers/PredictionHandler.sol";
import {ProHandler} from "../handlers/ProHandler.sol";
import {RouterHandler} from "../handlers/RouterHandler.sol";
import {TradingHandler} from "../handlers/TradingHandler.sol";
import {WorldHandler} from "../handlers/WorldHandler.sol";
import {CoreInvariants} from "../invariants/CoreInvariants.sol";
import {ProInvariants} from "../invariants/ProInvariants.sol";

/// @notice The scene with all who act on it; a campaign says which of them are drawn.
abstract contract Campaign {
    Scene internal scene;
    TradingHandler internal trades;
    PredictionHandler internal bets;
    AlpHandler internal shares;
    ProHandler internal pro;
    RouterHandler internal router;
    GovernanceHandler internal governance;
    WorldHandler internal world;
    CoreInvariants internal core;
    ProInvariants internal proCore;
    address[] private _targets;

    function setUp() public virtual {
        scene = new Scene();
        trades = new TradingHandler(scene);
        bets = new PredictionHandler(scene);
        shares = new AlpHandler(scene);
        pro = new ProHandler(scene);
        router = new RouterHandler(scene, trades, bets);
        governance = new GovernanceHandler(scene);
        world = new WorldHandler(scene);
        core = new CoreInvariants(scene);
        proCore = new ProInvariants(scene, pro);
    }

    function targetContracts() external view returns (address[] memory) {
        return _targets;
    }

    /// @notice Once a run has ended its counts are told.
    function afterInvariant() external {
        scene.tell();
    }

    function invariant_holds() external {
        core.check();
        proCore.check();
    }

    /// @dev Forge draws a contract, then one of its functions: who is named twice is drawn twice as often.
    function draw(address target) internal {
        _targets.push(target);
    }
}

/// @notice Everybody at once.
contract SystemTest is Campaign {
    function setUp() public override {
        super.setUp();
        draw(address(trades));
        draw(address(bets));
        draw(address(shares));
        draw(address(pro));
        draw(address(router));
        draw(address(governance));
        draw(address(world));
    }
}

/// @notice Pro, deeper, with prices and time.
contract ProTest is Campaign {
    function setUp() public override {
        super.setUp();
        draw(address(pro));
        draw(address(world));
    }
}

/// @notice Trades, bets and liquidity, deeper, with prices and time.
contract CoreTest is Campaign {
    function setUp() public override {
        super.setUp();
        draw(address(trades));
        draw(address(bets));
        draw(address(shares));
        draw(address(world));
    }
}

/// @notice Those with roles and those without, over trades and bets.
contract RolesTest is Campaign {
    function setUp() public override {
        super.setUp();
        draw(address(governance));
        draw(address(trades));
        draw(address(bets));
    }
}
